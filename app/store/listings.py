"""Keeps what registries list as Tajik."""

from collections.abc import Iterable
from hashlib import sha256

import orjson
from sqlalchemy import ColumnElement, Connection, Row, select

from app.compression import compress
from app.store import tables
from app.store.bulk import insert_rows, next_id
from app.store.registry import Delivered, Written
from measurements.agreements.listings import Listing, Told
from measurements.canonical import storable
from measurements.results.outcome import Label

LISTING_COLUMNS = (
    "id", "label", "data_class", "retrieved_at", "source", "kind", "about", "listed_by", "observed_at", "is_complete",
    "digest", "facts_id", "query_id", "body",
)  # fmt: skip
FACT_COLUMNS = ("listing_id", "value", "origin_asn")
Before = Row[int, int, bytes, bool]


def write_told(connection: Connection, told: Iterable[Told], delivered: Delivered, label: Label) -> Written:
    """Keep listings; the facts and the answer only where they say something else than the listing before.

    A listing that says the same of the same instant is kept once. None that is kept is ever changed.
    """
    n_new = n_changed = n_unchanged = 0
    for one in told:
        for listing in one.listings:
            digest = _digest(listing)
            before = _before(connection, listing, label)
            is_same = before is not None and (before.digest, before.is_complete) == (digest, listing.is_complete)
            if not is_same or (before is not None and before.observed_at != listing.observed_at):
                _write(connection, listing, digest, one, delivered, label, before if is_same else None)
            n_new += before is None
            n_changed += before is not None and not is_same
            n_unchanged += is_same
    return Written(n_new, n_changed, n_unchanged)


def is_of_subject(listing: Listing, label: Label) -> tuple[ColumnElement[bool], ...]:
    """That a row is of the same kind, subject and lister as a listing."""
    column = tables.registry_listings.c
    return (
        column.label == label.value,
        column.kind == listing.kind.value,
        column.about == listing.about,
        column.listed_by == listing.listed_by.value,
    )


def _before(connection: Connection, listing: Listing, label: Label) -> Before | None:
    """The last listing of the same subject that is not younger, complete or not."""
    column = tables.registry_listings.c
    query = (
        select(column.facts_id, column.observed_at, column.digest, column.is_complete)
        .where(*is_of_subject(listing, label), column.observed_at <= listing.observed_at)
        .order_by(column.observed_at.desc(), column.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def _digest(listing: Listing) -> bytes:
    return sha256(orjson.dumps(sorted(fact.value for fact in listing.facts))).digest()


def _write(
    connection: Connection,
    listing: Listing,
    digest: bytes,
    told: Told,
    delivered: Delivered,
    label: Label,
    same: Before | None,
) -> None:
    number = next_id(connection, tables.registry_listings)
    row = (
        number, label.value, delivered.data_class.value, delivered.retrieved_at, delivered.source, listing.kind.value,
        listing.about, listing.listed_by.value, listing.observed_at, listing.is_complete, digest,
        number if same is None else same.facts_id, None if told.query_id is None else storable(told.query_id),
        None if same else compress(told.body),
    )  # fmt: skip
    insert_rows(connection, tables.registry_listings, LISTING_COLUMNS, [row])
    if same is None:
        facts = [(number, fact.value, fact.origin_asn) for fact in sorted(listing.facts)]
        insert_rows(connection, tables.registry_facts, FACT_COLUMNS, facts)
