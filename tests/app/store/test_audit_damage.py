"""Whatever the owner of a database does to the audit trail with the triggers out of the way is found and named."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, LargeBinary, String, cast, literal, select, update
from sqlalchemy.exc import DataError, IntegrityError

from app.store import tables
from app.store.audit import walk_entries
from app.store.engine import writing
from measurements.agreements.audit import Entry
from measurements.agreements.chain import Fault, FaultKind, verify_chain
from measurements.agreements.checkpoints import Checkpoint, line_of
from tests.audit import DEEDS
from tests.audit_held import drop_triggers, keep

trail = tables.audit_entries
N = len(DEEDS)
SIGN_BIT = 63


def lines(kept: Sequence[Entry]) -> list[bytes]:
    """A checkpoint after the last entry; who signed it is not the question here."""
    last = kept[-1]
    return [line_of(Checkpoint(last.at, last.number, last.hash, last.act, last.at, "k", "s"))]


@contextmanager
def laid_open(engine: Engine) -> Iterator[tuple[Connection, Callable[[], list[Fault]]]]:
    """A trail without its triggers, and what is found wrong with it now."""
    sealed = lines(keep(engine))
    with writing(engine) as connection:
        drop_triggers(connection)
        yield connection, lambda: list(verify_chain(walk_entries(connection), sealed).faults)


def flipped(value: Any, bit: int, connection: Connection) -> Any:
    """The value with one bit changed, as the database can hold it; of a text on SQLite also one that is no text."""
    if isinstance(value, int):
        return value - 2**SIGN_BIT if bit == SIGN_BIT else value ^ (1 << bit)
    raw = bytearray(value.encode("utf-8", "surrogateescape"))
    raw[bit // 8] ^= 1 << bit % 8
    if connection.dialect.name == "sqlite":
        return cast(literal(bytes(raw), LargeBinary), String)
    return raw.decode("utf-8", "strict")


def bits_of(value: Any) -> range:
    return range(SIGN_BIT + 1) if isinstance(value, int) else range(8 * len(value.encode("utf-8", "surrogateescape")))


def flip(connection: Connection, number: int, name: str, value: Any, bit: int) -> bool:
    """False where the database cannot hold it: half a letter or a NUL on PostgreSQL, a number that is taken."""
    try:
        with connection.begin_nested():
            other = flipped(value, bit, connection)
            connection.execute(update(trail).where(trail.c.number == number).values({name: other}))
    except (UnicodeDecodeError, DataError, IntegrityError):
        return False
    return True


@pytest.mark.acceptance("agreement.6")
def test_one_bit_flipped_anywhere_is_found_and_named(engine: Engine) -> None:
    """In every column of every row: the first bits of it, the last, and of numbers all of them."""
    n_found = 0
    with laid_open(engine) as (connection, faults):
        for entry in list(walk_entries(connection)):
            for name, value in entry._asdict().items():
                bits = () if value is None else bits_of(value)
                for bit in {*bits[:8], *bits[-8:]}:
                    savepoint = connection.begin_nested()
                    if flip(connection, entry.number, name, value, bit):
                        (fault,) = faults()
                        expected = FaultKind.MOVED if name == "number" else FaultKind.ALTERED
                        assert (fault.kind, fault.number) == (expected, entry.number), (entry, name, bit)
                        assert f"entry {entry.number} (" in fault.says
                        n_found += 1
                    savepoint.rollback()
        assert faults() == []

    assert n_found > 700


@pytest.mark.acceptance("agreement.6")
@pytest.mark.parametrize("number", range(1, N + 1))
def test_one_row_deleted_is_found_and_named(engine: Engine, number: int) -> None:
    """Any of them, the last one too."""
    with laid_open(engine) as (connection, faults):
        connection.execute(trail.delete().where(trail.c.number == number))
        (fault,) = faults()

    assert (fault.kind, fault.number) == (FaultKind.REMOVED, number)
    assert f"entry {number} is missing" in fault.says


@pytest.mark.acceptance("agreement.6")
def test_a_whole_trail_deleted_is_found(engine: Engine) -> None:
    with laid_open(engine) as (connection, faults):
        connection.execute(trail.delete())
        (fault,) = faults()

    assert f"entries 1 to {N} are missing" in fault.says


@pytest.mark.acceptance("agreement.6")
@pytest.mark.parametrize(("one", "other"), [(1, 2), (2, 5), (5, 6)])
def test_two_rows_swapped_are_found_and_named(engine: Engine, one: int, other: int) -> None:
    """Each by what it is, and with the place in which it stands."""
    with laid_open(engine) as (connection, faults):
        for number, becomes in ((one, -1), (other, one), (-1, other)):
            connection.execute(update(trail).where(trail.c.number == number).values(number=becomes))
        found = faults()

    assert {(fault.kind, fault.number, fault.act) for fault in found} == {
        (FaultKind.MOVED, number, DEEDS[number - 1].act) for number in (one, other)
    }
    assert {f"stands in the place of entry {number}" for number in (one, other)} == {
        fault.says.partition(") ")[2] for fault in found
    }


COLUMNS = [name for name in Entry._fields if name != "number"]
PLACES = st.integers(1, N)
DAMAGES = st.one_of(
    st.tuples(st.just("alter"), PLACES, st.sampled_from(COLUMNS), st.integers(0, 2**20)),
    st.tuples(st.just("delete"), PLACES),
    st.tuples(st.just("renumber"), PLACES, st.integers(-3, 2 * N)),
    st.tuples(st.just("copy"), PLACES, PLACES),
)
Damage = tuple[Any, ...]


def inflict(connection: Connection, damage: Damage) -> None:
    """One of the four, if the trail still has what it is for."""
    kind, number, *rest = damage
    held = {entry.number: entry for entry in walk_entries(connection)}
    if kind == "delete" or number not in held:
        connection.execute(trail.delete().where(trail.c.number == number))
    elif kind == "alter":
        name, chance = rest
        if (value := getattr(held[number], name)) is not None:
            bits = bits_of(value)
            flip(connection, number, name, value, bits[chance % len(bits)] if bits else 0)
    elif kind == "renumber" and rest[0] not in held:
        connection.execute(update(trail).where(trail.c.number == number).values(number=rest[0]))
    elif kind == "copy" and rest[0] in held:
        source = trail.alias()
        told = {name: select(source.c[name]).where(source.c.number == rest[0]).scalar_subquery() for name in COLUMNS}
        connection.execute(update(trail).where(trail.c.number == number).values(told))


def touched(before: Sequence[Entry], after: Sequence[Entry]) -> set[int]:
    """The numbers under which the trail says something else than it did."""
    return {entry.number for entry in {*before} ^ {*after}}


@pytest.mark.acceptance("agreement.6")
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_any_damage_is_found_where_it_was_done(
    backend: str, request: pytest.FixtureRequest, open_engine: Callable[[str], Engine]
) -> None:
    """Several kinds on top of each other: a fault is found exactly if anything differs, and only where it does."""
    engine = open_engine(request.getfixturevalue(f"make_{backend}_database")())
    with laid_open(engine) as (connection, faults):
        before = list(walk_entries(connection))

        @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
        @given(st.lists(DAMAGES, max_size=4))
        def check(damages: list[Damage]) -> None:
            savepoint = connection.begin_nested()
            for damage in damages:
                inflict(connection, damage)
            after, found = list(walk_entries(connection)), faults()
            savepoint.rollback()

            assert bool(found) == (before != after)
            assert {fault.number for fault in found if fault.kind is not FaultKind.REMOVED} <= touched(before, after)

        check()
