"""What the platform last said of each probe: the state of things today, beside the snapshots that tell how it was."""

from collections.abc import Collection, Iterable
from typing import Any

import orjson
from sqlalchemy import Connection, Select, select

from app.store import tables
from app.store.bulk import replace_rows
from app.store.find_vantage import MANY
from measurements.probes import Probe
from measurements.results.outcome import Label
from measurements.results.reading import storable

COLUMNS = ("label", *Probe._fields)
_TEXTS = ("country_code", "prefix_v4", "prefix_v6", "status")


def note_last_words(connection: Connection, items: Iterable[tuple[Label, Probe]]) -> None:
    """Note what was said of probes, unless something later is known. Of two words of one instant the greater counts.

    So that the order in which they come makes no difference.
    """
    latest: dict[int, tuple[Label, Probe]] = {}
    for label, probe in items:
        held = latest.get(probe.probe_id)
        if held is None or _rank(held[1]) < _rank(probe):
            latest[probe.probe_id] = label, probe
    known = {one.probe_id: one for one in find_probes(connection, latest)}
    rows = [
        _row(label, probe)
        for label, probe in latest.values()
        if probe.probe_id not in known or _rank(known[probe.probe_id]) < _rank(probe)
    ]
    replace_rows(connection, tables.known_probes, COLUMNS, rows)


def find_probes(connection: Connection, probe_ids: Collection[int], label: Label | None = None) -> list[Probe]:
    """What was last said of these probes, of one label alone if asked for; of some perhaps nothing."""
    column = tables.known_probes.c
    query = _query(label)
    if len(probe_ids) < MANY:
        return _read(connection, query.where(column.probe_id.in_(probe_ids)))
    return [one for one in _read(connection, query) if one.probe_id in probe_ids]


def list_probes(
    connection: Connection,
    label: Label,
    *,
    country_codes: Collection[str] = (),
    after: int | None = None,
    limit: int | None = None,
) -> list[Probe]:
    """The known probes of a label in order of their numbers, those of some countries alone if any are given."""
    column = tables.known_probes.c
    query = _query(label)
    if country_codes:
        query = query.where(column.country_code.in_(sorted(country_codes)))
    if after is not None:
        query = query.where(column.probe_id > after)
    return _read(connection, query if limit is None else query.limit(limit))


def _query(label: Label | None) -> Select[Any]:
    column = tables.known_probes.c
    query = select(*(column[name] for name in Probe._fields)).order_by(column.probe_id)
    return query if label is None else query.where(column.label == label.value)


def _read(connection: Connection, query: Select[Any]) -> list[Probe]:
    return [Probe(**{**row, "tags": tuple(orjson.loads(row["tags"]))}) for row in connection.execute(query).mappings()]


def _row(label: Label, probe: Probe) -> tuple[Any, ...]:
    plain = probe._asdict() | {name: _storable(getattr(probe, name)) for name in _TEXTS}
    plain["tags"] = orjson.dumps([storable(tag) for tag in probe.tags]).decode()
    return (label.value, *plain.values())


def _storable(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _rank(probe: Probe) -> tuple[Any, ...]:
    """By when it was said; then by what, where something has to decide."""
    return probe.observed_at, probe.last_connected_at or 0, probe.status_since_at or 0, repr(probe)
