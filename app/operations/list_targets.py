"""List targets: those known by name, and all that results were about."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.store.find_targets import HoldingRow, find_holdings, find_target_names
from measurements.targets import Target, find_target, known_targets
from measurements.units import iso


class TargetEntry(NamedTuple):
    """A target, what is known of it, and what is held about it."""

    target: str
    known: Target | None
    holdings: tuple[HoldingRow, ...]


class TargetPage(NamedTuple):
    """Some targets in order of name, and behind which one the next page begins; None after the last."""

    entries: tuple[TargetEntry, ...]
    next_after: str | None


def list_targets(connection: Connection, *, after: str | None = None, limit: int = 100) -> TargetPage:
    """One page of targets."""
    held = find_target_names(connection, after=after, limit=limit + 1)
    known = [target.name for target in known_targets() if after is None or target.name > after]
    names = sorted({*held, *known})[: limit + 1]
    page = names[:limit]
    holdings: dict[str, list[HoldingRow]] = {name: [] for name in page}
    for row in find_holdings(connection, page):
        holdings[row.target].append(row)
    entries = tuple(TargetEntry(name, find_target(name), tuple(holdings[name])) for name in page)
    return TargetPage(entries, page[-1] if len(names) > limit else None)


def target_on_the_wire(entry: TargetEntry) -> dict[str, Any]:
    """The entry in plain values under the names of the wire."""
    known = entry.known
    return {
        "target": entry.target,
        "title": known.title if known else None,
        "addresses": list(known.addresses) if known else [],
        "hostnames": list(known.hostnames) if known else [],
        "asn": known.asn if known else None,
        "built_ins": [built_in._asdict() for built_in in known.built_ins] if known else [],
        "holdings": [_holding_on_the_wire(row) for row in entry.holdings],
    }


def _holding_on_the_wire(row: HoldingRow) -> dict[str, Any]:
    return {
        "label": row.label,
        "type": row.type,
        "address_family": row.address_family or None,
        "n_series": row.n_series,
        "first_bin_at": None if row.first_bin_at is None else iso(row.first_bin_at),
        "last_bin_at": None if row.last_bin_at is None else iso(row.last_bin_at),
    }
