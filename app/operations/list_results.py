"""List results: one entry per result, newest first, a page at a time."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import Connection

from app.operations.label_notes import about_other_labels
from app.operations.result_entries import ResultEntry, held_as, read_entry
from app.operations.sight import Sight, Withheld
from app.store.find_results import Cursor, ResultFilters, find_deliveries, find_results
from measurements.filters import asked_family, one_of, require_order
from measurements.results.outcome import Label, Outcome
from measurements.targets import asked_target

RESULT_TYPES = {name: name for name in ("ping", "traceroute", "dns")}
LABELS = {label.value: label for label in Label}
OUTCOMES = {outcome.value: outcome for outcome in Outcome}


class ResultPage(NamedTuple):
    """Some results, and where the next page begins; None after the last."""

    entries: tuple[ResultEntry, ...]
    next_cursor: Cursor | None
    notes: tuple[str, ...]
    """Sentences for people."""
    withheld: tuple[Withheld, ...]
    """What is held under the label and left out, whatever else was asked for."""

    @property
    def n_held(self) -> int:
        """How many of them are not public."""
        return sum(not entry.held.is_public for entry in self.entries)


def result_filters(
    *,
    label: str = Label.MEASURED,
    atlas_ids: Iterable[int] = (),
    probe_ids: Iterable[int] = (),
    types: Iterable[str] = (),
    target: str | None = None,
    address_family: int | None = None,
    outcomes: Iterable[str] = (),
    from_at: int | None = None,
    to_at: int | None = None,
) -> ResultFilters:
    """Check filters and put them in canonical form; raises InvalidFilter naming the field."""
    require_order(from_at, to_at)
    return ResultFilters(
        label=one_of("label", label, LABELS),
        atlas_ids=tuple(sorted(set(atlas_ids))),
        probe_ids=tuple(sorted(set(probe_ids))),
        types=tuple(one_of("type", name, RESULT_TYPES) for name in types),
        target=None if target is None else asked_target(target),
        address_family=asked_family(address_family),
        outcomes=tuple(one_of("outcome", name, OUTCOMES) for name in outcomes),
        from_at=from_at,
        to_at=to_at,
    )


def list_results(
    connection: Connection, filters: ResultFilters, sight: Sight, *, after: Cursor | None = None, limit: int = 100
) -> ResultPage:
    """One page of the results that somebody may see, newest first.

    The order is fixed (when it was measured, then its number), so that pages neither overlap nor leave
    a gap while results keep coming in; those that arrive before the cursor's place are not seen again.
    """
    rows = find_results(connection, filters, sight.visible, after=after, limit=limit + 1)
    page = rows[:limit]
    deliveries = find_deliveries(connection, [row.raw_id for row in page])
    entries = tuple(read_entry(row, deliveries[row.raw_id], held_as(sight, row)) for row in page)
    is_more = len(rows) > limit
    return ResultPage(
        entries=entries,
        next_cursor=Cursor(page[-1].measured_at, page[-1].id) if is_more else None,
        notes=() if entries or after else (about_other_labels(connection, filters.label, filters.target),),
        withheld=sight.withheld(filters.label),
    )
