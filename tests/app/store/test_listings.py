"""Listings of registries: kept as they came, replaced by later ones, and never mixed with half of another."""

from collections.abc import Iterable
from itertools import permutations

import pytest
from sqlalchemy import Engine, text

from app.store.engine import reading, writing
from app.store.find_registry import find_known, find_registry, find_since
from app.store.listings import write_told
from app.store.registry import Delivered, Written
from measurements.agreements.listings import Fact, Lister, Listing, Told, networks, originated, registered
from measurements.results.outcome import Label

V4, V4_TOO, V6 = "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32"
ASNS = networks([64500], Lister.RIPESTAT, 100)
ANNOUNCED = originated(64500, ["192.0.2.0/24"], Lister.RIPESTAT, 100)
DELIVERED = Delivered("a file", 5000)


def prefixes(at: int, *more: str, by: Lister = Lister.RIPESTAT) -> Listing:
    """A complete listing of prefixes."""
    return registered([V6, *more], by, at)


def keep(engine: Engine, *listings: Listing, label: Label = Label.MEASURED, body: bytes = b"{}") -> Written:
    """Keep listings, each told by itself."""
    with writing(engine) as connection:
        return write_told(connection, [Told((one,), body, "a question") for one in listings], DELIVERED, label)


def held(engine: Engine, at: int, label: Label = Label.MEASURED) -> dict[tuple[str, str], tuple[int, set[str]]]:
    """What is known of an instant: (subject, lister) -> as of when, and the values."""
    with reading(engine) as connection:
        listings = find_known(connection, at, label).listings
    return {(one.about, one.listed_by.value): (one.observed_at, {fact.value for fact in one.facts}) for one in listings}


def count(engine: Engine, table: str) -> int:
    with reading(engine) as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def test_the_latest_one_not_after_an_instant_counts(engine: Engine) -> None:
    keep(engine, prefixes(100, V4), prefixes(200, V4_TOO))

    assert held(engine, 99) == {}
    assert held(engine, 100) == held(engine, 199) == {("TJ", "ripestat"): (100, {V4, V6})}
    assert held(engine, 200) == held(engine, 10**9) == {("TJ", "ripestat"): (200, {V4_TOO, V6})}


def test_a_lister_does_not_replace_another(engine: Engine) -> None:
    keep(engine, prefixes(100, V4), prefixes(200, V4_TOO, by=Lister.RIR))

    assert held(engine, 300) == {("TJ", "ripestat"): (100, {V4, V6}), ("TJ", "rir"): (200, {V4_TOO, V6})}


def test_a_partial_one_is_kept_and_replaces_nothing(engine: Engine) -> None:
    keep(engine, prefixes(100, V4), registered([V4_TOO], Lister.RIPESTAT, 200))

    assert held(engine, 300) == {("TJ", "ripestat"): (100, {V4, V6})}
    assert count(engine, "registry_listings") == 2


def test_labels_are_never_mixed(engine: Engine) -> None:
    keep(engine, prefixes(100, V4))
    keep(engine, prefixes(200, V4_TOO), label=Label.REHEARSED)

    assert held(engine, 300) == {("TJ", "ripestat"): (100, {V4, V6})}
    assert held(engine, 300, Label.REHEARSED) == {("TJ", "ripestat"): (200, {V4_TOO, V6})}


def test_what_says_the_same_holds_its_facts_and_its_answer_once(engine: Engine) -> None:
    first = keep(engine, prefixes(100, V4))
    same = keep(engine, prefixes(200, V4))
    again = keep(engine, prefixes(200, V4))
    changed = keep(engine, prefixes(300, V4, V4_TOO))
    back = keep(engine, prefixes(400, V4))

    assert [first, same, again, changed, back] == [
        Written(1, 0, 0), Written(0, 0, 1), Written(0, 0, 1), Written(0, 1, 0), Written(0, 1, 0),
    ]  # fmt: skip
    assert held(engine, 250) == {("TJ", "ripestat"): (200, {V4, V6})}
    assert count(engine, "registry_listings") == 4
    assert count(engine, "registry_facts") == 2 + 3 + 2
    with reading(engine) as connection:
        rows = connection.execute(text("SELECT body IS NULL FROM registry_listings ORDER BY observed_at")).scalars()
        assert [bool(is_null) for is_null in rows] == [False, True, False, False]


def test_a_correction_of_the_same_instant_counts_and_both_are_kept(engine: Engine) -> None:
    keep(engine, prefixes(100, V4), prefixes(100, V4, V4_TOO))

    assert held(engine, 100) == {("TJ", "ripestat"): (100, {V4, V4_TOO, V6})}
    assert count(engine, "registry_listings") == 2


def test_the_order_in_which_they_come_does_not_matter(engine: Engine) -> None:
    """Older files may be taken in after newer ones."""
    moments = [(100, ("10.0.0.0/8",)), (200, ("10.0.0.0/8", V4)), (300, (V4,)), (400, ("10.0.0.0/8", V4))]
    for asn, order in enumerate(permutations(moments), 1):
        keep(engine, *(originated(asn, values, Lister.RIPESTAT, at) for at, values in order))

    for at, values in moments:
        found = held(engine, at + 50)
        assert len(found) == 24
        assert {frozenset(these) for _, these in found.values()} == {frozenset(values)}


def test_many_facts_come_back_as_they_went_in(engine: Engine) -> None:
    many = [f"10.{high}.{low}.0/24" for high in range(10) for low in range(256)]
    keep(engine, prefixes(100, *many), *(originated(asn, many[:3], Lister.RIPESTAT, 100) for asn in range(1, 60)))

    found = held(engine, 100)

    assert found["TJ", "ripestat"] == (100, {V6, *many})
    assert len(found) == 60


@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_a_registry_is_made_of_a_whole_set_only(engine: Engine, lacking: int) -> None:
    whole = [prefixes(100, V4), ASNS, ANNOUNCED]
    keep(engine, *(one for number, one in enumerate(whole) if number != lacking))
    with reading(engine) as connection:
        assert find_registry(connection, 500) is None

    keep(engine, whole[lacking])
    with reading(engine) as connection:
        registry = find_registry(connection, 500)
        assert find_registry(connection, 99) is None
        assert find_registry(connection, 500, Label.REHEARSED) is None

    assert registry is not None
    assert (set(registry.asns), registry.observed_at) == ({64500}, 100)
    assert registry.origin_of("192.0.2.9") == 64500


def test_a_network_that_is_new_leaves_none_until_it_is_known_what_it_announces(engine: Engine) -> None:
    keep(engine, prefixes(100, V4), ASNS, ANNOUNCED, networks([64500, 64501], Lister.RIPESTAT, 200))

    with reading(engine) as connection:
        assert find_registry(connection, 150) is not None
        assert find_registry(connection, 250) is None


@pytest.mark.parametrize(
    ("history", "since_at"),
    [
        ([(100, True)], 100),
        ([(100, True), (200, True), (300, True)], 100),
        ([(100, False), (200, True), (300, True)], 200),
        ([(100, True), (200, False), (300, True)], 300),
        ([(100, True), (200, None), (300, True)], 100),
    ],
)
def test_since_when_a_fact_has_been_listed_without_a_break(
    engine: Engine, history: list[tuple[int, bool | None]], since_at: int
) -> None:
    """A partial listing (None) says nothing of what it lacks."""
    keep(engine, *_told(history))
    with reading(engine) as connection:
        listing = find_known(connection, 1000).listings[0]
        assert find_since(connection, listing, Fact(V4)) == since_at


def _told(history: Iterable[tuple[int, bool | None]]) -> Iterable[Listing]:
    for at, has in history:
        yield registered([V4_TOO], Lister.RIPESTAT, at) if has is None else prefixes(at, V4_TOO, *([V4] if has else []))


def test_a_fact_of_another_subject_does_not_count(engine: Engine) -> None:
    keep(engine, originated(1, [V4], Lister.RIPESTAT, 100), originated(2, [V4], Lister.RIPESTAT, 200))
    with reading(engine) as connection:
        [listing] = [one for one in find_known(connection, 1000).listings if one.about == "AS2"]
        assert find_since(connection, listing, Fact(V4, 2)) == 200
