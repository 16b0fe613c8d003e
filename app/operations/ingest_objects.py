"""Ingests files of platform objects: what measurement and probe objects have in common."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from app.files import Recording
from app.operations.platform_objects import read_objects
from app.store.engine import Transaction
from app.store.registry import Delivered, Written
from measurements.errors import UnreadableFile, UnreadableObject
from measurements.objects import Object
from measurements.results.outcome import Label

T = TypeVar("T")
Read = Callable[[Object], T]
Write = Callable[[Connection, Sequence[tuple[Label, T, Object]], Delivered], Written]


@dataclass(kw_only=True, slots=True)
class ObjectsReport:
    """What an ingest of objects did: `read = new + changed + unchanged + refused`."""

    read: int = 0
    new: int = 0
    changed: int = 0
    """Objects that said something else than what was held."""
    unchanged: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    """Why objects were not taken, in words -> how many."""
    failed: dict[str, str] = field(default_factory=dict)
    """Files that could not be read -> why."""


def ingest_objects(
    transaction: Transaction,
    recordings: Sequence[Recording],
    *,
    read: Read[T],
    label_of: Callable[[T], Label],
    write: Write[T],
    retrieved_at: int,
) -> ObjectsReport:
    """Read every object and write those that make sense, one unit of work a file."""
    report = ObjectsReport()
    for recording in recordings:
        items: list[tuple[Label, T, Object]] = []
        try:
            found = list(read_objects(recording))
        except UnreadableFile as error:
            report.failed[recording.name] = str(error)
            continue
        report.read += len(found)
        for record, shape in found:
            try:
                item = _understood(read, record, shape)
            except UnreadableObject as error:
                report.refused[str(error)] += 1
                continue
            items.append((label_of(item), item, record))
        with transaction() as connection:
            written = write(connection, items, Delivered(recording.name, retrieved_at))
        report.new += written.n_new
        report.changed += written.n_changed
        report.unchanged += written.n_unchanged
    return report


def _understood(read: Read[T], record: Object, shape: str | None) -> T:
    if shape is not None:
        raise UnreadableObject("id", f"is missing; found {shape}")
    return read(record)
