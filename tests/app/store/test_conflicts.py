"""The two rules for one key delivered with different bytes, alone: no database."""

from itertools import permutations

import pytest

from app.store.conflicts import Body, Standing, settle


def body(name: str, digest: str, stored_at: int | None, *, is_datable: bool = True) -> Body:
    """A body that tells its name, and the result in it by its digest."""
    return Body(
        ord(name),
        name.encode(),
        0,
        "public",
        None,
        digest.encode(),
        stored_at,
        is_clock_trusted=True,
        is_datable=is_datable,
    )


def test_a_lone_result_feeds_its_series() -> None:
    """Nothing to settle."""
    only = body("a", "x", None)

    assert settle([only]) == [Standing(only, is_conflict=False, is_in_series=True)]


@pytest.mark.parametrize(
    ("stored", "chosen"),
    [
        ((30, 20, 10), "c"),
        ((None, None, 10), "c"),
        ((10, 10, None), "a"),
        ((None, None, None), "a"),
        ((0, None, 1), "a"),
    ],
)
def test_a_result_is_read_from_the_body_stored_first(stored: tuple[int | None, ...], chosen: str) -> None:
    """Unknown comes last, 0 is a time, and between equals the digest of the body decides; in any order."""
    bodies = [body(name, "x", at) for name, at in zip("abc", stored, strict=True)]
    expected = next(each for each in bodies if each.body_digest == chosen.encode())

    for order in permutations(bodies):
        assert settle(order) == [Standing(expected, is_conflict=False, is_in_series=True)]


@pytest.mark.parametrize(
    ("stored", "feeder"),
    [((30, 20, 10), "z"), ((None, 20, None), "y"), ((10, 10, None), "x"), ((None, None, None), "x")],
)
def test_of_different_results_the_one_stored_first_feeds(stored: tuple[int | None, ...], feeder: str) -> None:
    """All are in conflict, one is in the series; between equals the digest of the result decides; in any order."""
    bodies = [body(name, digest, at) for name, digest, at in zip("cba", "xyz", stored, strict=True)]

    for order in permutations(bodies):
        standings = settle(order)
        assert [standing.is_conflict for standing in standings] == [True, True, True]
        assert [each.body.digest for each in standings if each.is_in_series] == [feeder.encode()]
        assert {each.body for each in standings} == set(bodies)


def test_what_has_no_credible_clock_feeds_nothing() -> None:
    """Alone, and beside another result that has one, though it was stored first; in any order."""
    alone, other = body("a", "x", 10, is_datable=False), body("b", "y", 20)

    assert settle([alone]) == [Standing(alone, is_conflict=False, is_in_series=False)]
    for order in permutations([alone, other]):
        assert sorted(settle(order)) == [
            Standing(alone, is_conflict=True, is_in_series=False),
            Standing(other, is_conflict=True, is_in_series=True),
        ]


def test_an_earlier_copy_of_one_result_takes_the_series_from_another() -> None:
    """What counts of a result is the body stored first, whichever else there are."""
    late, early, between = body("a", "x", 30), body("b", "x", 10), body("c", "y", 20)

    for order in permutations([late, early, between]):
        assert sorted(settle(order)) == [
            Standing(early, is_conflict=True, is_in_series=True),
            Standing(between, is_conflict=True, is_in_series=False),
        ]
