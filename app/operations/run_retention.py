"""Erase what agreements say, a day of a measurement at a time, and put a tombstone up for each.

A unit of work is a day on one level: the figures that stay, the erasure, the tombstone and its entry in the audit are
one. The tombstone is written outside of the database before that unit is committed. A run that was cut off is gone on
with by the next one: what is in the file and not in the database is what a restored copy, or a kill, left behind, and
is erased.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from app.operations.find_due_erasures import Erasure, find_due_erasures, find_restored
from app.operations.keep_figures import keep_figures
from app.operations.tombstone_file import TombstoneFile
from app.store.audit import append
from app.store.engine import Transaction
from app.store.erase import erase
from app.store.tombstones import add_tombstone, list_tombstones
from measurements.agreements.audit import Act, Deed, Subject, SubjectKind
from measurements.agreements.retention import Level, Tombstone, Why, digest_of_records
from measurements.results.outcome import Label


@dataclass(kw_only=True, slots=True)
class RetentionReport:
    """What a run erased."""

    tombstones: list[Tombstone] = field(default_factory=list)
    n_figures: int = 0
    """Rows of series that stay in place of values of single probes."""
    n_refused: int = 0
    """Lines of the file by which nothing was erased: no tombstones, or not signed by our key."""

    @property
    def n_by_level(self) -> Counter[str]:
        """Records, by how much of them was erased."""
        counted: Counter[str] = Counter()
        for one in self.tombstones:
            counted[one.level] += one.n_records
        return counted


def run_retention(
    transaction: Transaction,
    file: TombstoneFile,
    now_at: int,
    *,
    label: Label,
    person_id: int | None = None,
    on_erased: Callable[[Tombstone], None] = lambda _: None,
) -> RetentionReport:
    """Erase everything that is due, and again what came back with a restored database. Safe to repeat.

    Of one label alone: days are counted by the clock that goes with it, and a rehearsal's may be far ahead.
    """
    found = file.read()
    report = RetentionReport(n_refused=found.n_refused)
    work = _Work(transaction, file, now_at, person_id, report, on_erased)
    with transaction() as connection:
        held = list_tombstones(connection)
    for tombstone in dict.fromkeys(held).keys() - set(found.tombstones):
        file.append(tombstone)
    work.again(_lacking(held, (one for one in found.tombstones if one.label == label.value)))
    with transaction() as connection:
        due = list(find_due_erasures(connection, label, now_at))
    for one in due:
        work.erase(one)
    return report


def _lacking(held: Iterable[Tombstone], told: Iterable[Tombstone]) -> list[Tombstone]:
    """What the file tells and the database does not; what is erased altogether first."""
    known = set(held)
    lacking = (one for one in told if one not in known)
    return sorted(lacking, key=lambda one: (one.level != Level.PROBE_LEVEL, one.from_at, one.atlas_id))


@dataclass(frozen=True, slots=True)
class _Work:
    transaction: Transaction
    file: TombstoneFile
    now_at: int
    person_id: int | None
    report: RetentionReport
    on_erased: Callable[[Tombstone], None]

    def again(self, lacking: Iterable[Tombstone]) -> None:
        """Erase what the database has although it was erased, and put its tombstones up again."""
        for tombstone in lacking:
            with self.transaction() as connection:
                erasure = find_restored(connection, tombstone, self.now_at)
                made = self._erase(connection, erasure)
                add_tombstone(connection, tombstone)
            self._tell(made)

    def erase(self, erasure: Erasure) -> None:
        """Erase a day."""
        with self.transaction() as connection:
            made = self._erase(connection, erasure)
        self._tell(made)

    def _tell(self, made: Tombstone | None) -> None:
        if made is not None:
            self.report.tombstones.append(made)
            self.on_erased(made)

    def _erase(self, connection: Connection, erasure: Erasure) -> Tombstone | None:
        """The tombstone; None where nothing was there any more."""
        measured, level, day, keeping, raw_ids, why = erasure
        n_figures = 0
        if raw_ids and level is Level.PROBE_LEVEL:
            n_figures = keep_figures(
                connection, measured.agreement_id, measured.label, measured.atlas_id, day, keeping, self.now_at
            )
        digests = erase(connection, level, raw_ids)
        if not digests:
            return None
        tombstone = Tombstone(
            measured.agreement_id, measured.number, measured.label.value, measured.atlas_id, level.value, *day,
            n_records=len(digests), digest=digest_of_records(digests), days=keeping.days(level), why=why.value,
            erased_at=self.now_at,
        )  # fmt: skip
        number = add_tombstone(connection, tombstone, digests)
        append(connection, self._deed(number, tombstone, n_figures))
        self.file.append(tombstone)
        self.report.n_figures += n_figures
        return tombstone

    def _deed(self, number: int, tombstone: Tombstone, n_figures: int) -> Deed:
        told = tombstone._asdict()
        for name in ("agreement_id", "version", "digest", "why", "erased_at"):
            del told[name]
        return Deed(
            at=self.now_at,
            act=Act.RETENTION_RUN,
            person_id=self.person_id,
            subject=Subject(SubjectKind.AGREEMENT, tombstone.agreement_id),
            version=tombstone.version,
            digest=tombstone.digest,
            reason=Why(tombstone.why).value,
            details={"tombstone": number, **told, "n_figures": n_figures},
        )
