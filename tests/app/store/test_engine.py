"""Units of work: readers see one snapshot and cannot write, writers queue, and references hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from structlog.testing import capture_logs

from app.store import engine as engines
from app.store.bulk import stage_rows
from app.store.engine import reading, writing

ADD_SOURCE = text("INSERT INTO sources (id, kind, name) VALUES (:id, 'file', :name)")
COUNT_SOURCES = text("SELECT count(*) FROM sources")


class Asked(Exception):
    """A connection would have been made now."""


@pytest.mark.parametrize(("query", "expected"), [("", engines.CONNECT_TIMEOUT_S), ("?connect_timeout=3", "3")])
def test_a_server_that_says_nothing_is_not_waited_for_without_end(query: str, expected: object) -> None:
    asked: dict[str, object] = {}
    engine = engines.create_engine_for(f"postgresql://nobody@127.0.0.1:1/nothing{query}")

    @event.listens_for(engine, "do_connect")
    def note(_dialect: object, _record: object, _arguments: object, options: dict[str, object]) -> None:
        asked.update(options)
        raise Asked

    with pytest.raises(Asked):
        engine.connect()
    assert asked["connect_timeout"] == expected


def add_source(connection: Connection, number: int) -> None:
    """A row that refers to nothing."""
    connection.execute(ADD_SOURCE, {"id": number, "name": str(number)})


def count_sources(connection: Connection) -> int:
    """How many this unit of work sees."""
    return int(connection.execute(COUNT_SOURCES).scalar_one())


def test_a_reader_cannot_write(engine: Engine) -> None:
    """The database refuses it, whatever the code does."""
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), reading(engine) as connection:
        add_source(connection, 1)


def test_a_writer_may_follow_a_reader_on_one_connection(engine: Engine) -> None:
    """What a pooled connection did before does not stick to it."""
    with reading(engine) as connection:
        count_sources(connection)
    with writing(engine) as connection:
        add_source(connection, 1)
    with reading(engine) as connection:
        assert count_sources(connection) == 1


def test_what_fails_leaves_nothing(engine: Engine) -> None:
    """All of a unit of work, or none of it."""
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(ADD_SOURCE, [{"id": number, "name": "the same"} for number in (1, 2)])
    with reading(engine) as connection:
        assert count_sources(connection) == 0


def test_a_reader_sees_one_snapshot(database_url: str, open_engine: Callable[[str], Engine]) -> None:
    """What is committed meanwhile belongs to the next one."""
    ours, theirs = open_engine(database_url), open_engine(database_url)
    with reading(ours) as connection:
        before = count_sources(connection)
        with writing(theirs) as other:
            add_source(other, 1)
        assert count_sources(connection) == before
    with reading(ours) as connection:
        assert count_sources(connection) == before + 1


def test_references_hold(engine: Engine) -> None:
    """A delivery of nothing is refused, on SQLite too."""
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(text("INSERT INTO deliveries (raw_id, source_id, retrieved_at) VALUES (7, 7, 0)"))


def test_writers_queue(
    database_url: str, open_engine: Callable[[str], Engine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one waits for as long as the first one takes, and on SQLite says so; both are done in the end."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_S", 0.05)
    first, second = open_engine(database_url), open_engine(database_url)
    has_begun, may_end = Event(), Event()

    def hold() -> None:
        with writing(first) as connection:
            add_source(connection, 1)
            has_begun.set()
            may_end.wait(10)

    def follow() -> int:
        with writing(second) as connection:
            add_source(connection, 2)
            return count_sources(connection)

    with capture_logs() as said, ThreadPoolExecutor(2) as pool:
        holding = pool.submit(hold)
        has_begun.wait(10)
        following = pool.submit(follow)
        while first.dialect.name == "sqlite" and not said and not following.done():
            has_begun.wait(0.01)
        assert not following.done()
        may_end.set()
        holding.result(10)
        assert following.result(10) == 2


def test_staged_keys_do_not_pile_up(
    make_postgresql_database: Callable[[], str], open_engine: Callable[[str], Engine]
) -> None:
    """On PostgreSQL what was deleted stays until it is vacuumed, which temporary tables never are."""
    name = "staged_sources"
    keys = [(number, "x" * 100) for number in range(1000)]
    with writing(open_engine(make_postgresql_database())) as connection:
        sizes = []
        for _ in range(5):
            stage_rows(connection, name, "sources", ("id", "name"), keys)
            sizes.append(connection.execute(text(f"SELECT pg_relation_size('{name}')")).scalar_one())
        expected = connection.execute(text("SELECT reltuples FROM pg_class WHERE relname = :n"), {"n": name}).scalar()

    assert len(set(sizes)) == 1
    assert expected == 1000
