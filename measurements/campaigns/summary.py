"""The morning's summary of a night: what ran, what did not and why, how complete it is, and what changed. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from measurements.campaigns.standing import Missing

NOTABLE = 0.1
"""Completeness that is by so much more or less than the night before is worth a word."""


class Change(StrEnum):
    """What is otherwise than the night before."""

    NEW = "new"
    """It was not asked for then."""
    GONE = "gone"
    """It is not asked for any more."""
    MORE_COMPLETE = "more_complete"
    LESS_COMPLETE = "less_complete"
    OTHER_REASON = "other_reason"
    """What is missing is missing for another reason."""


class CellNight(NamedTuple):
    """What one cell brought in all rounds of a night."""

    cell: str
    n_expected: int
    n_received: int
    credits: int
    missing: Missing | None
    """Of the last round in which something was missing."""
    explanation: str | None

    @property
    def completeness(self) -> float | None:
        """Results received over results expected, at most 1; None where none was expected."""
        return min(1.0, self.n_received / self.n_expected) if self.n_expected else None


class CellSummary(NamedTuple):
    """A cell, and what is otherwise than the night before."""

    night: CellNight
    change: Change | None


class Night(NamedTuple):
    """A night of a campaign."""

    n_rounds: int
    """Planned."""
    n_open: int
    """Not closed yet."""
    missed: tuple[str, ...]
    """Why the rounds were missed that were."""
    cells: tuple[CellNight, ...]


class Summary(NamedTuple):
    """The summary of a night."""

    night: Night
    cells: tuple[CellSummary, ...]
    """As it ran; then what is gone."""
    n_ran: int
    """Cells that brought something."""
    n_expected: int
    n_received: int
    completeness: float | None
    completeness_before: float | None
    credits: int
    credits_before: int


def add_up(cells: Iterable[CellNight]) -> tuple[CellNight, ...]:
    """One for every cell, of all rounds in order."""
    found: dict[str, CellNight] = {}
    for one in cells:
        before = found.get(one.cell)
        found[one.cell] = one if before is None else _sum(before, one)
    return tuple(found.values())


def summarise(night: Night, before: Night) -> Summary:
    """What became of a night, beside the night before."""
    held = {one.cell: one for one in before.cells}
    wanted = {one.cell for one in night.cells}
    cells = [CellSummary(one, _change(one, held, has_before=before.n_rounds > 0)) for one in night.cells]
    if night.n_rounds:
        cells += [CellSummary(one, Change.GONE) for one in before.cells if one.cell not in wanted]
    return Summary(
        night=night,
        cells=tuple(cells),
        n_ran=sum(one.n_received > 0 for one in night.cells),
        n_expected=sum(one.n_expected for one in night.cells),
        n_received=sum(min(one.n_received, one.n_expected) for one in night.cells),
        completeness=_completeness(night),
        completeness_before=_completeness(before),
        credits=sum(one.credits for one in night.cells),
        credits_before=sum(one.credits for one in before.cells),
    )


def _sum(one: CellNight, other: CellNight) -> CellNight:
    told = other if other.missing is not None else one
    return CellNight(
        one.cell, one.n_expected + other.n_expected, one.n_received + other.n_received, one.credits + other.credits,
        told.missing, told.explanation,
    )  # fmt: skip


def _change(one: CellNight, held: Mapping[str, CellNight], *, has_before: bool) -> Change | None:
    before = held.get(one.cell)
    if before is None:
        return Change.NEW if has_before else None
    now_, then = one.completeness or 0.0, before.completeness or 0.0
    if abs(now_ - then) >= NOTABLE:
        return Change.MORE_COMPLETE if now_ > then else Change.LESS_COMPLETE
    return Change.OTHER_REASON if one.missing is not before.missing else None


def _completeness(night: Night) -> float | None:
    n_expected = sum(one.n_expected for one in night.cells)
    n_received = sum(min(one.n_received, one.n_expected) for one in night.cells)
    return n_received / n_expected if n_expected else None
