"""What the database itself insists on about people and those who represent a party."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.store.designations import find_designation, list_designations
from app.store.engine import reading, writing
from app.store.wrong_tries import Kind, Limit, Subject, count_wrong_try, locked_until
from tests.app.people import NOW, add_people

ENDS = text("UPDATE designations SET until_at = :at WHERE id = 1")
FORBIDDEN = {
    "end put off": "UPDATE designations SET until_at = {later} + 1 WHERE id = 1",
    "end taken away": "UPDATE designations SET until_at = NULL WHERE id = 1",
    "another person": "UPDATE designations SET person_id = 9 WHERE id = 1",
    "another party": "UPDATE designations SET party = 'ripe_ncc', person_id = 6 WHERE id = 1",
    "begun earlier": "UPDATE designations SET from_at = 0 WHERE id = 1",
    "another act": "UPDATE designations SET act = 'another' WHERE id = 1",
    "another number": "UPDATE designations SET id = 99 WHERE id = 1",
    "deleted": "DELETE FROM designations WHERE id = 1",
    "ended before it began": "UPDATE designations SET until_at = from_at - 1 WHERE id = 1",
    "of a person of another party": "INSERT INTO designations VALUES (50, 'ripe_ncc', 2, 'deputy', 'x', {now}, NULL)",
    "of an administrator": "INSERT INTO designations VALUES (50, 'ripe_ncc', 1, 'deputy', 'x', {now}, NULL)",
    "of nobody": "INSERT INTO designations VALUES (50, 'ripe_ncc', 999, 'deputy', 'x', {now}, NULL)",
    "person moved": "UPDATE people SET party = 'ripe_ncc' WHERE id = 2",
    "person gone": "DELETE FROM people WHERE id = 2",
    "administrator of a party": "UPDATE people SET party = 'ripe_ncc' WHERE id = 1",
    "representative of none": "INSERT INTO people VALUES (60, 'x', 'x', NULL, 'representative', 0)",
}
BY_DATABASE = {
    "sqlite": "INSERT OR REPLACE INTO designations VALUES (1, 'tojiktelecom', 9, 'deputy', 'x', {now}, NULL)",
    "postgresql": "TRUNCATE designations",
}


@pytest.fixture
def held(engine: Engine) -> Engine:
    """The people to test with; designation 1 ends in a day."""
    add_people(engine)
    with writing(engine) as connection:
        connection.execute(ENDS, {"at": NOW + 86_400})
    return engine


@pytest.mark.parametrize("what", [*FORBIDDEN, "by another way"])
def test_what_was_once_true_stays(held: Engine, what: str) -> None:
    """By raw SQL, whoever sends it."""
    statement = FORBIDDEN.get(what) or BY_DATABASE[held.dialect.name]
    with reading(held) as connection:
        before = list_designations(connection)
    with pytest.raises((IntegrityError, DBAPIError)), writing(held) as connection:
        connection.execute(text(statement.format(now=NOW, later=NOW + 86_400)))

    with reading(held) as connection:
        assert list_designations(connection) == before


def test_an_end_is_brought_forward(held: Engine) -> None:
    """Which is all that may happen to a designation."""
    with writing(held) as connection:
        connection.execute(ENDS, {"at": NOW + 60})
        found = find_designation(connection, 1)

    assert found is not None
    assert found.until_at == NOW + 60


LIMIT = Limit(n_tries=3, within_s=100, locked_s=50)
MINE, OTHERS = Subject(Kind.ADDRESS, "127.0.0.1"), Subject(Kind.KEY, "127.0.0.1")


def test_too_many_tries_close_the_door_for_a_while(engine: Engine) -> None:
    """Only for whom they were counted; and what is over is forgotten."""

    def is_closed(subject: Subject, at: int) -> bool:
        with reading(engine) as connection:
            return locked_until(connection, [subject], at) is not None

    def is_closed_by_try(at: int) -> bool:
        with writing(engine) as connection:
            return count_wrong_try(connection, MINE, LIMIT, at)

    assert [is_closed_by_try(at) for at in (0, 60, 99)] == [False, False, True]
    assert [is_closed(MINE, at) for at in (99, 148, 149)] == [True, True, False]
    assert not is_closed(OTHERS, 99)
    assert [is_closed_by_try(at) for at in (150, 160, 260)] == [False, False, False]
    assert [is_closed_by_try(at) for at in (261, 262)] == [False, True]


def test_wrong_tries_do_not_pile_up(make_database: Callable[[], str], open_engine: Callable[[str], Engine]) -> None:
    """Whoever tries ever other keys leaves nothing behind for good."""
    engine = open_engine(make_database())
    kept = 0
    for number in range(30):
        with writing(engine) as connection:
            count_wrong_try(connection, Subject(Kind.KEY, str(number)), LIMIT, number * 60)
            kept = connection.execute(text("SELECT count(*) FROM wrong_tries")).scalar_one()

    assert kept <= 3
