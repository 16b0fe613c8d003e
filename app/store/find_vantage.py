"""Finds where probes were, and what the platform says is due of measurements."""

from collections.abc import Collection, Iterator

import orjson
from sqlalchemy import Connection, func, select

from app.store import tables
from app.store.records import unpack_body
from measurements.campaigns.measurement import Measurement, read_measurement
from measurements.probes import Snapshot
from measurements.results.outcome import Label

CONNECTED = "Connected"
"""The platform's name of a probe's status."""
MANY = 500
"""From here on reading all rows is quicker than naming the wanted ones."""


def find_snapshots(connection: Connection, probe_ids: Collection[int]) -> Iterator[Snapshot]:
    """What the platform said of these probes, and perhaps of others."""
    column = tables.probe_snapshots.c
    query = select(*(column[name] for name in Snapshot._fields))
    if len(probe_ids) < MANY:
        query = query.where(column.probe_id.in_(probe_ids))
    return map(Snapshot._make, connection.execute(query))


def find_probes_ever_in(connection: Connection, country_code: str, label: Label) -> list[int]:
    """The probes of a label that the platform ever placed in a country."""
    column = tables.probe_snapshots.c
    query = select(column.probe_id).where(column.country_code == country_code, column.label == label.value)
    query = query.distinct().order_by(column.probe_id)
    return list(connection.execute(query).scalars())


def has_probes(connection: Connection, label: Label) -> bool:
    """Whether the platform ever said anything of a probe of a label."""
    column = tables.probe_snapshots.c
    query = select(column.probe_id).where(column.label == label.value).limit(1)
    return connection.execute(query).first() is not None


def count_probes(connection: Connection, label: Label, column: str, value: str | int) -> int:
    """How many probes of a label were connected in a place when the platform last said where they are.

    `column` is what its snapshot is asked for: `country_code`, `asn_v4` or `asn_v6`.
    """
    held, later = tables.probe_snapshots.alias("held"), tables.probe_snapshots.alias("later")
    newest = select(func.max(later.c.observed_at)).where(later.c.probe_id == held.c.probe_id).scalar_subquery()
    query = select(func.count()).select_from(held).where(held.c.label == label.value, held.c[column] == value)
    query = query.where(held.c.status.is_(None) | (held.c.status == CONNECTED), held.c.observed_at == newest)
    return connection.execute(query).scalar_one()


def find_probes_heard(connection: Connection, label: Label) -> list[int]:
    """The probes that followed measurements were heard from, or are meant to be."""
    marks, followed = tables.watermarks.c, tables.followed.c
    heard = set(connection.execute(select(marks.probe_id).where(marks.label == label.value).distinct()).scalars())
    named = select(followed.probe_ids).where(followed.label == label.value, followed.probe_ids.is_not(None))
    for probe_ids in connection.execute(named).scalars():
        heard.update(orjson.loads(probe_ids))
    return sorted(heard)


def find_unplaced(connection: Connection, atlas_id: int, label: Label) -> set[int]:
    """The participants of a measurement of whom the platform never said where they are."""
    participants = {one for each in find_measurements(connection, [atlas_id], label) for one in each.participants or ()}
    return participants - {snapshot.probe_id for snapshot in find_snapshots(connection, participants)}


def find_measurements(connection: Connection, atlas_ids: Collection[int], label: Label) -> list[Measurement]:
    """The measurement objects that are held of these ids."""
    column = tables.measurements.c
    query = select(column.body).where(column.label == label, column.atlas_id.in_(atlas_ids)).order_by(column.atlas_id)
    return [read_measurement(orjson.loads(unpack_body(body))) for body in connection.execute(query).scalars()]
