"""Ingest files of registry facts: what is registered in Tajikistan, and what its networks announce."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.files import Recording
from app.operations.platform_objects import read_documents
from app.store.engine import Transaction
from app.store.listings import write_told
from app.store.registry import Delivered
from measurements.agreements.listings import Told
from measurements.clock import Clock
from measurements.errors import UnreadableFile, UnreadableObject
from measurements.results.outcome import Label
from measurements.ripestat.failures import RipestatFailure
from measurements.ripestat.told import Said, read_told
from measurements.units import DAY_S, iso, seconds


@dataclass(kw_only=True, slots=True)
class RegistryReport:
    """What an ingest of registry facts did; everything but files is counted in listings."""

    read: int = 0
    new: int = 0
    """The first of their subject."""
    changed: int = 0
    """Listings that said something else than the one before."""
    unchanged: int = 0
    partial: int = 0
    """Of these, kept and not used: something is missing from them."""
    by_kind: Counter[str] = field(default_factory=Counter)
    refused: dict[str, str] = field(default_factory=dict)
    """Files that list nothing Tajik, or cannot be read -> why."""
    warnings: dict[str, None] = field(default_factory=dict)
    """What RIPEstat had to say about its answers, each once."""


def ingest_registry(
    transaction: Transaction, recordings: Sequence[Recording], *, label: Label, clock: Clock, said: Said
) -> RegistryReport:
    """Take in RIPEstat's answers and republished lists, each dated by its own word. Safe to repeat.

    A file goes in whole or not at all. `said` is what whoever hands the files in says of those that say too little.
    """
    report = RegistryReport()
    retrieved_at = seconds(clock.now())
    for recording in recordings:
        try:
            told = [read_told(document, said) for document in read_documents(recording)]
            _refuse_the_future(told, retrieved_at)
        except (UnreadableFile, UnreadableObject, RipestatFailure) as error:
            report.refused[recording.name] = str(error)
            continue
        with transaction() as connection:
            written = write_told(connection, told, Delivered(recording.name, retrieved_at), label)
        _count(report, told)
        report.new += written.n_new
        report.changed += written.n_changed
        report.unchanged += written.n_unchanged
    return report


def _refuse_the_future(told: Sequence[Told], now_at: int) -> None:
    """A listing of a day to come would be the latest one for ever after."""
    latest = max((listing.observed_at for one in told for listing in one.listings), default=0)
    if latest > now_at + DAY_S:
        raise UnreadableObject("observed", f"{iso(latest)} has not come yet")


def _count(report: RegistryReport, told: Sequence[Told]) -> None:
    for one in told:
        report.warnings.update(dict.fromkeys(one.warnings))
        for listing in one.listings:
            report.read += 1
            report.by_kind[listing.kind.value] += len(listing.facts)
            report.partial += not listing.is_complete
