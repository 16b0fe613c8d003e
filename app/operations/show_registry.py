"""Say whether something is Tajik: by which fact, since when, and by whose word."""

from typing import Any

from sqlalchemy import Connection

from app.store.find_registry import find_known, find_since
from measurements.agreements.listings import FactKind
from measurements.agreements.lookup import Match, judge, read_asked
from measurements.results.outcome import Label
from measurements.units import iso


def show_registry(connection: Connection, text: str, now_at: int, label: Label) -> dict[str, Any]:
    """The answer in plain values under the names of the wire."""
    known = find_known(connection, now_at, label)
    verdict = judge(read_asked(text), known.listings, known.assembly, now_at)
    registry = known.assembly.registry
    return {
        "asked": text,
        "is_tajik": verdict.is_tajik,
        "why": verdict.why,
        "organisation": verdict.organisation,
        "label": label.value,
        "facts": [_fact(connection, match, label) for match in verdict.matches],
        "registry": {
            "is_complete": registry is not None,
            "observed_at": iso(registry.observed_at) if registry else None,
            "missing": list(known.assembly.missing),
        },
    }


def _fact(connection: Connection, match: Match, label: Label) -> dict[str, Any]:
    listing, fact = match
    return {
        "kind": listing.kind.value,
        "value": fact.value,
        "origin_asn": fact.origin_asn if listing.kind is FactKind.ORIGINATED_PREFIX else None,
        "listed_by": listing.listed_by.value,
        "since_at": iso(find_since(connection, listing, fact, label)),
        "observed_at": iso(listing.observed_at),
    }
