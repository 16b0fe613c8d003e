"""Which probes nobody wants asked, and which were chosen for what: lines are only added, and the last one counts."""

from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, func, insert, select

from app.store import tables
from app.store.bulk import next_id
from measurements.campaigns.choice import Choice, Memory, Wanted
from measurements.results.outcome import Label


class Exclusion(NamedTuple):
    """The last word on whether a probe may be chosen."""

    probe_id: int
    is_excluded: bool
    reason: str | None
    said_at: int
    said_by: int | None
    """A person; None on the command line."""


class Chosen(NamedTuple):
    """What was chosen for a purpose, and when."""

    purpose: str
    chosen_at: int
    wanted: Wanted
    memory: Memory
    reasons: dict[int, str]
    """Probe -> why it was chosen."""


def add_exclusion(connection: Connection, label: Label, exclusion: Exclusion) -> None:
    """Say that a probe is not to be chosen from now on, or may be again."""
    number = next_id(connection, tables.probe_exclusions)
    connection.execute(insert(tables.probe_exclusions).values(id=number, label=label, **exclusion._asdict()))


def find_exclusions(connection: Connection, label: Label) -> dict[int, Exclusion]:
    """The last word on every probe on which there was one; those that may be chosen again among them."""
    column = tables.probe_exclusions.c
    query = select(*(column[name] for name in Exclusion._fields)).where(column.label == label.value).order_by(column.id)
    return {row.probe_id: Exclusion(*row) for row in connection.execute(query)}


def add_choice(
    connection: Connection, label: Label, purpose: str, wanted: Wanted, choice: Choice, chosen_at: int
) -> None:
    """Note what was chosen for a purpose."""
    connection.execute(
        insert(tables.probe_choices).values(
            id=next_id(connection, tables.probe_choices),
            label=label,
            purpose=purpose,
            chosen_at=chosen_at,
            wanted=_written(wanted._asdict()),
            chosen=_written({str(one.probe.probe_id): one.why for one in choice.chosen}),
            resting=_written({str(probe_id): at for probe_id, at in choice.resting.items()}),
        )
    )


def find_choice(connection: Connection, label: Label, purpose: str) -> Chosen | None:
    """What was chosen last for a purpose; None where nothing was."""
    column = tables.probe_choices.c
    query = select(tables.probe_choices).where(column.label == label.value, column.purpose == purpose)
    row = connection.execute(query.order_by(column.id.desc()).limit(1)).first()
    return None if row is None else _chosen(row)


def find_choices(connection: Connection, label: Label) -> list[Chosen]:
    """What was chosen last for each purpose, by its name."""
    column = tables.probe_choices.c
    last = select(func.max(column.id)).where(column.label == label.value).group_by(column.purpose)
    query = select(tables.probe_choices).where(column.id.in_(last)).order_by(column.purpose)
    return [_chosen(row) for row in connection.execute(query)]


def _chosen(row: Any) -> Chosen:
    told = orjson.loads(row.wanted)
    lists = {name: tuple(value) for name, value in told.items() if isinstance(value, list)}
    reasons = {int(probe_id): why for probe_id, why in orjson.loads(row.chosen).items()}
    resting = {int(probe_id): at for probe_id, at in orjson.loads(row.resting).items()}
    return Chosen(row.purpose, row.chosen_at, Wanted(**{**told, **lists}), Memory(frozenset(reasons), resting), reasons)


def _written(value: object) -> str:
    return orjson.dumps(value).decode()
