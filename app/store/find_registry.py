"""Finds what registries said was Tajik, as of an instant."""

from typing import NamedTuple

from sqlalchemy import Connection, Select, and_, exists, func, select, true

from app.store import tables
from app.store.listings import is_of_subject
from measurements.agreements.listings import Assembly, Fact, FactKind, Lister, Listing, assemble
from measurements.agreements.registry import Registry
from measurements.results.outcome import Label

_SUBJECT = ("kind", "about", "listed_by")


class Known(NamedTuple):
    """What is known of Tajik resources as of an instant: the latest complete listings, and what they make."""

    listings: list[Listing]
    assembly: Assembly


def find_registry(connection: Connection, at: int, label: Label = Label.MEASURED) -> Registry | None:
    """The Tajik prefixes and networks as of an instant; None as long as a listing is missing that it needs."""
    return find_known(connection, at, label).assembly.registry


def find_known(connection: Connection, at: int, label: Label = Label.MEASURED) -> Known:
    """The latest complete listing of each kind, subject and lister that is not after an instant."""
    latest = {(row.kind, row.about, row.listed_by): row for row in connection.execute(_latest_complete(at, label))}
    rows = latest.values()  # of several of one instant, the last to be kept
    facts: dict[int, set[Fact]] = {row.facts_id: set() for row in rows}
    fact = tables.registry_facts.c
    query = select(fact.listing_id, fact.value, fact.origin_asn).where(fact.listing_id.in_(facts))
    for listing_id, value, origin_asn in connection.execute(query):
        facts[listing_id].add(Fact(value, origin_asn))
    listings = [
        Listing(FactKind(row.kind), row.about, Lister(row.listed_by), row.observed_at, frozenset(facts[row.facts_id]))
        for row in rows
    ]
    return Known(listings, assemble(listings))


def find_since(connection: Connection, listing: Listing, fact: Fact, label: Label = Label.MEASURED) -> int:
    """Since when a fact of a listing has been in every complete listing of its subject before it."""
    column, held = tables.registry_listings.c, tables.registry_facts.c
    has = exists().where(held.listing_id == column.facts_id, held.value == fact.value)
    query = (
        select(column.observed_at, has)
        .where(*is_of_subject(listing, label), column.is_complete == true(), column.observed_at <= listing.observed_at)
        .order_by(column.observed_at, column.id)
    )
    last_words = {observed_at: bool(is_there) for observed_at, is_there in connection.execute(query)}
    since_at = listing.observed_at
    for observed_at in sorted(last_words, reverse=True):
        if not last_words[observed_at]:
            break
        since_at = observed_at
    return since_at


def _latest_complete(at: int, label: Label) -> Select[int, str, str, str, int]:
    """In the order in which they were kept. By subject the index tells the latest, without a look at the rows."""
    listing = tables.registry_listings.c
    subject = [listing[name] for name in _SUBJECT]
    counts = (listing.label == label.value, listing.is_complete == true())
    newest = (
        select(*subject, func.max(listing.observed_at).label("observed_at"))
        .where(*counts, listing.observed_at <= at)
        .group_by(*subject)
        .subquery()
    )
    return (
        select(listing.facts_id, *subject, listing.observed_at)
        .join(newest, and_(*(listing[name] == newest.c[name] for name in (*_SUBJECT, "observed_at"))))
        .where(*counts)
        .order_by(listing.id)
    )
