"""Whoever speaks SQL to the database, past all of our code, cannot change, remove or insert history."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from app.store.access_log import Access, log_access
from app.store.audit import walk_entries
from app.store.engine import reading, writing
from tests.audit import DEEDS, T0, chain
from tests.audit_held import keep

ENTRY = (
    "INSERT INTO audit_entries (number, at, act, actor, subject_kind, subject_id, previous, hash) "
    "SELECT {number}, 0, 'vote_cast', 'service', 'agreement', '3', {previous}, '" + "f" * 64 + "'"
)
LAST = "(SELECT hash FROM audit_entries ORDER BY number DESC LIMIT 1)"
LOG = (
    "INSERT INTO access_log (number, at, person, what, filters, n_rows) VALUES ({number}, 0, 'service', 'x', '{{}}', 0)"
)
NEXT = len(DEEDS) + 1
CHANGED, REMOVED = "what was written is never changed", "what was written is never removed"
IN_ORDER, CHAINED = "a number is the last one plus one", "previous is the hash of the last entry"
ATTEMPTS = [
    ("UPDATE audit_entries SET reason = 'none' WHERE number = 4", CHANGED),
    ("UPDATE audit_entries SET number = number + 1", CHANGED),
    ("UPDATE audit_entries SET hash = hash", CHANGED),
    ("DELETE FROM audit_entries", REMOVED),
    ("DELETE FROM audit_entries WHERE number = 6", REMOVED),
    (ENTRY.format(number=NEXT + 1, previous=LAST), IN_ORDER),
    (ENTRY.format(number=4, previous=LAST), IN_ORDER),
    (ENTRY.format(number=-1, previous=LAST), IN_ORDER),
    (ENTRY.format(number=NEXT, previous="'" + "0" * 64 + "'"), CHAINED),
    (ENTRY.format(number=NEXT, previous="(SELECT hash FROM audit_entries WHERE number = 5)"), CHAINED),
    (
        f"{ENTRY.format(number=3, previous=LAST)} WHERE 1 = 1 ON CONFLICT (number) DO UPDATE SET reason = 'x'",
        "never|last",
    ),
    ("UPDATE access_log SET person = '8'", CHANGED),
    ("DELETE FROM access_log", REMOVED),
    (LOG.format(number=1), IN_ORDER),
    (LOG.format(number=3), IN_ORDER),
]
ON_SQLITE = [
    (ENTRY.format(number=3, previous=LAST).replace("INSERT", "INSERT OR REPLACE"), IN_ORDER),
    (ENTRY.format(number=3, previous=LAST).replace("INSERT", "INSERT OR IGNORE"), IN_ORDER),
    (ENTRY.format(number="NULL", previous=LAST), IN_ORDER),
    (LOG.format(number=1).replace("INSERT", "REPLACE"), IN_ORDER),
    ("UPDATE OR REPLACE audit_entries SET number = 2 WHERE number = 3", CHANGED),
]
MERGE = (
    "MERGE INTO audit_entries AS old USING (SELECT 4 AS number) AS one ON old.number = one.number "
    "WHEN MATCHED THEN DELETE"
)
ON_POSTGRESQL = [
    ("TRUNCATE audit_entries", REMOVED),
    ("TRUNCATE access_log, audit_entries CASCADE", REMOVED),
    ("SET session_replication_role = replica; DELETE FROM audit_entries", REMOVED),
    (
        "CREATE TEMPORARY TABLE audit_entries (LIKE public.audit_entries); "
        + ENTRY.format(number=1, previous="'" + "0" * 64 + "'").replace("INTO ", "INTO public."),
        f"{IN_ORDER}|{CHAINED}",
    ),
    (MERGE, REMOVED),
]
ATTEMPTED = [("both", *each) for each in ATTEMPTS]
ATTEMPTED += [("sqlite", *each) for each in ON_SQLITE] + [("postgresql", *each) for each in ON_POSTGRESQL]


def _runs_on(backend: str, of_attempt: str) -> bool:
    return of_attempt in ("both", backend)


CASES = [
    pytest.param(backend, statement, law, id=f"{backend}: {statement[:60]}")
    for backend in ("sqlite", "postgresql")
    for of_attempt, statement, law in ATTEMPTED
    if _runs_on(backend, of_attempt)
]


def run(engine: Engine, statements: str) -> None:
    """As one unit of work."""
    with writing(engine) as connection:
        for statement in statements.split("; "):
            connection.execute(text(statement))


@pytest.mark.acceptance("agreement.2")
@pytest.mark.parametrize(("backend", "statement", "law"), CASES)
def test_history_is_neither_changed_nor_removed_nor_inserted(
    backend: str, statement: str, law: str, request: pytest.FixtureRequest, open_engine: Callable[[str], Engine]
) -> None:
    """By raw SQL, with the service's own role; the text of the failure says which law was to be broken."""
    engine = open_engine(request.getfixturevalue(f"make_{backend}_database")())
    kept = keep(engine)
    with writing(engine) as connection:
        log_access(connection, Access(T0, 7, "results", {}, 5))

    with pytest.raises(IntegrityError, match=law):
        run(engine, statement)

    with reading(engine) as connection:
        assert list(walk_entries(connection)) == kept
        assert connection.execute(text("SELECT count(*) FROM access_log WHERE person = '7'")).scalar_one() == 1


@pytest.mark.acceptance("agreement.2")
def test_what_is_in_order_is_taken(engine: Engine) -> None:
    """So that it is the order that was refused, and not everything."""
    keep(engine)
    run(engine, f"{ENTRY.format(number=NEXT, previous=LAST)}; {LOG.format(number=1)}")
    with reading(engine) as connection:
        assert [entry.number for entry in walk_entries(connection)] == list(range(1, NEXT + 1))


@pytest.mark.acceptance("agreement.2")
def test_two_raw_clients_make_no_fork(
    make_postgresql_database: Callable[[], str], open_engine: Callable[[str], Engine]
) -> None:
    """They do not queue as our writers do, so both may see the same last entry; one of them is aborted."""
    engine = open_engine(make_postgresql_database())
    kept = keep(engine)
    mine, theirs = (
        ENTRY.format(number=NEXT, previous=f"'{kept[-1].hash}'").replace("f" * 64, digit * 64) for digit in "12"
    )

    def insert() -> None:
        with engine.begin() as connection:
            connection.execute(text(theirs))

    with ThreadPoolExecutor(1) as pool, engine.connect() as connection:
        connection.execute(text(mine))
        other = pool.submit(insert)
        connection.commit()
        with pytest.raises(IntegrityError):
            other.result(30)

    with reading(engine) as connection:
        assert [entry.hash for entry in walk_entries(connection)] == [*(one.hash for one in kept), "1" * 64]


def test_several_rows_at_once_are_held_to_the_same_law(engine: Engine) -> None:
    """Also in one statement, each must follow the one before it."""
    first, second = chain()[:2]
    row = (
        "({0.number}, {0.at}, '{0.act}', '{0.actor}', '{0.subject_kind}', '{0.subject_id}', '{0.previous}', '{0.hash}')"
    )
    columns = "number, at, act, actor, subject_kind, subject_id, previous, hash"

    def insert(*rows: str) -> None:
        run(engine, f"INSERT INTO audit_entries ({columns}) VALUES {', '.join(rows)}")

    with pytest.raises(IntegrityError, match=CHAINED):
        insert(row.format(first), row.format(second._replace(previous=first.previous)))
    insert(row.format(first), row.format(second))
