"""The audit trail is kept in one chain, whoever writes, and read page by page."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from sqlalchemy import Engine, text

from app.store.access_log import Access, list_accesses, log_access
from app.store.audit import Wanted, append, entries, find_entry, find_tip, walk_entries
from app.store.engine import reading, writing
from measurements.agreements.audit import GENESIS, Act, Deed, Entry, Subject, SubjectKind, hash_of
from measurements.errors import Stopped
from tests.audit import AGREEMENT, DEEDS, OTHER, T0, chain
from tests.audit_held import keep
from tests.laws.tree import REPOSITORY

EACH = 25


def held(engine: Engine) -> list[Entry]:
    with reading(engine) as connection:
        return list(walk_entries(connection))


def numbers(found: Sequence[Entry]) -> list[int]:
    return [entry.number for entry in found]


def deed(number: int) -> Deed:
    return Deed(at=T0 + number, act=Act.POLICY_SET, person_id=number, subject=Subject(SubjectKind.POLICY, "passive"))


def is_one_chain(found: Sequence[Entry]) -> bool:
    """Numbered without a gap, each naming the one before, each with the hash it must have."""
    before = [GENESIS, *(entry.hash for entry in found)]
    return numbers(found) == list(range(1, len(found) + 1)) and all(
        entry.previous == previous and entry.hash == hash_of(entry)
        for entry, previous in zip(found, before, strict=False)
    )


def test_what_was_written_is_what_is_read(engine: Engine) -> None:
    """On both databases the same entries, to the last hash."""
    kept = keep(engine)

    assert held(engine) == kept == chain()
    assert is_one_chain(kept)


def test_an_empty_chain_begins_with_zeros(engine: Engine) -> None:
    with reading(engine) as connection:
        assert find_tip(connection) == (0, GENESIS)
        assert find_entry(connection, 1) is None


def test_entries_are_found_by_subject_act_and_time_page_by_page(engine: Engine) -> None:
    keep(engine)
    with reading(engine) as connection:
        assert numbers(entries(connection, Wanted(subject=AGREEMENT))) == [2, 4, 5, 6]
        assert numbers(entries(connection, Wanted(subject=OTHER))) == [3]
        assert numbers(entries(connection, Wanted(act=Act.CARD_DRAFTED))) == [2, 3]
        assert numbers(entries(connection, Wanted(from_at=T0 + 60, to_at=T0 + 180))) == [2, 3, 4]
        assert numbers(entries(connection, limit=2)) == [1, 2]
        assert numbers(entries(connection, limit=2, beyond=2)) == [3, 4]
        assert numbers(entries(connection, Wanted(subject=AGREEMENT), beyond=5, is_newest_first=True)) == [4, 2]
        assert find_entry(connection, 4) == chain()[3]


def test_all_entries_are_walked_however_many_there_are(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(engine)
    monkeypatch.setattr(
        "app.store.audit.entries.__kwdefaults__", {"beyond": None, "limit": 2, "is_newest_first": False}
    )
    with reading(engine) as connection:
        assert numbers(list(walk_entries(connection))) == [1, 2, 3, 4, 5, 6]
        assert numbers(list(walk_entries(connection, is_newest_first=True))) == [6, 5, 4, 3, 2, 1]


def test_two_writers_make_one_chain(database_url: str, open_engine: Callable[[str], Engine]) -> None:
    """Each with its own connections, both at once: no entry is lost, none has two that follow it."""
    begun = Barrier(2)

    def write(first: int) -> None:
        engine = open_engine(database_url)
        begun.wait(10)
        for number in range(first, first + EACH):
            with writing(engine) as connection:
                append(connection, deed(number))

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(write, first) for first in (0, EACH)]:
            done.result(60)

    found = held(open_engine(database_url))
    assert is_one_chain(found)
    assert sorted(int(entry.actor) for entry in found) == list(range(2 * EACH))


def test_a_unit_of_work_that_fails_takes_its_entries_with_it(engine: Engine) -> None:
    """And the next entry has the number that they would have had."""
    keep(engine)

    def fail() -> None:
        with writing(engine) as connection:
            append(connection, deed(1))
            raise Stopped("after the entry, before the end")

    with pytest.raises(Stopped):
        fail()
    with writing(engine) as connection:
        assert append(connection, deed(2)).number == len(DEEDS) + 1

    assert is_one_chain(held(engine))


KILLED = """
import os, signal, sys
from sqlalchemy import text
from app.store.audit import append
from app.store.engine import create_engine_for, writing
from tests.app.store.test_audit import deed
url, moment = sys.argv[1:]
with writing(create_engine_for(url)) as connection:
    connection.execute(text("INSERT INTO sources (id, kind, name) VALUES (1, 'file', 'the act')"))
    if moment == "before the entry":
        os.kill(os.getpid(), signal.SIGKILL)
    append(connection, deed(1))
    if moment == "before the end":
        os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("moment", "n_left"), [("before the entry", 0), ("before the end", 0), ("never", 1)])
def test_a_kill_leaves_an_act_and_its_entry_or_neither(
    database_url: str, open_engine: Callable[[str], Engine], moment: str, n_left: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, database_url, moment],
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        check=False,
    )

    assert done.returncode == (0 if n_left else -signal.SIGKILL)
    engine = open_engine(database_url)
    with reading(engine) as connection:
        acts = connection.execute(text("SELECT count(*) FROM sources")).scalar_one()
    assert (acts, len(held(engine))) == (n_left, n_left)


STRANGE = 'asked\0 by \ud800 \udcff "у\x7fа"\u2028'


def test_a_strange_answer_of_the_platform_is_kept_all_the_same(engine: Engine) -> None:
    """What no database holds is written out: that it was answered must be recorded."""
    strange = replace(DEEDS[4], answer=STRANGE, reason=STRANGE, details={"said": STRANGE})
    with writing(engine) as connection:
        kept = append(connection, strange)

    assert held(engine) == [kept]
    assert kept.hash == hash_of(kept)
    assert kept.answer == 'asked\\x00 by \\ud800 \\udcff "у\x7fа"\u2028'


def test_who_read_what_is_logged(engine: Engine) -> None:
    accesses = [Access(T0 + n, n or None, "results", {"probe_id": n, "label": "measured"}, 10 * n) for n in range(3)]
    with writing(engine) as connection:
        assert [log_access(connection, access) for access in accesses] == [1, 2, 3]
    with reading(engine) as connection:
        assert list_accesses(connection) == [(3, accesses[2]), (2, accesses[1]), (1, accesses[0])]
        assert list_accesses(connection, before=3, limit=1) == [(2, accesses[1])]
