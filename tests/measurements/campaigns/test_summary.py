"""What changed from one night to the next."""

import pytest

from measurements.campaigns.standing import Missing
from measurements.campaigns.summary import CellNight, Change, Night, add_up, summarise

FULL = CellNight("a", 100, 100, 300, None, None)
SILENT = CellNight("a", 100, 50, 150, Missing.PROBES_SILENT, "5 of 10 probes were heard")
NOTHING = Night(0, 0, (), ())


def night(*cells: CellNight) -> Night:
    return Night(1, 0, (), cells)


@pytest.mark.parametrize(
    ("now", "before", "change"),
    [
        (FULL, FULL, None),
        (FULL, SILENT, Change.MORE_COMPLETE),
        (SILENT, FULL, Change.LESS_COMPLETE),
        (SILENT, SILENT._replace(n_received=41), None),
        (SILENT, SILENT._replace(missing=Missing.FEWER_PROBES), Change.OTHER_REASON),
        (FULL._replace(cell="b"), FULL, Change.NEW),
    ],
)
def test_what_is_otherwise(now: CellNight, before: CellNight, change: Change | None) -> None:
    assert summarise(night(now), night(before)).cells[0].change is change


def test_what_is_gone_is_told_after_what_ran() -> None:
    told = summarise(night(FULL._replace(cell="b")), night(FULL)).cells

    assert [(one.night.cell, one.change) for one in told] == [("b", Change.NEW), ("a", Change.GONE)]
    assert summarise(NOTHING, night(FULL)).cells == ()
    assert [one.change for one in summarise(night(FULL), NOTHING).cells] == [None]


def test_rounds_of_a_night_add_up() -> None:
    total = add_up([SILENT, FULL, FULL._replace(cell="b")])

    assert total[0] == SILENT._replace(n_expected=200, n_received=150, credits=450)
    assert total[0].completeness == 0.75
    assert [one.cell for one in total] == ["a", "b"]


def test_the_figures_of_a_night() -> None:
    told = summarise(night(SILENT, FULL._replace(cell="b", n_received=120)), night(FULL))

    assert (told.n_ran, told.n_expected, told.n_received, told.completeness) == (2, 200, 150, 0.75)
    assert (told.completeness_before, told.credits, told.credits_before) == (1.0, 450, 300)
    assert summarise(NOTHING, NOTHING).completeness is None
