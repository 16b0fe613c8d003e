"""The parties are reminded once each, and acknowledge it for themselves."""

from datetime import UTC, date, datetime
from functools import partial

import pytest
from sqlalchemy import Engine
from structlog.testing import capture_logs

from app.operations.acting import Acting, NotPermitted
from app.operations.due_tasks import REMIND_AT_S, Tasks
from app.operations.fetch_window import Fetcher
from app.operations.prepare_records import Preparer
from app.operations.remind import acknowledge_reminder, count_open, remind, reminders_page
from app.operations.run_due import run_due
from app.store.audit import Wanted, entries
from app.store.catalogue import put_entry
from app.store.engine import reading, transactions, writing
from app.store.reminders import list_reminders
from measurements.agreements.audit import Act, Subject, SubjectKind
from measurements.agreements.parties import Party
from measurements.agreements.people import Caller, Person, Role, Scope
from measurements.agreements.reminders import Topic
from measurements.atlas.memory import MemoryAtlas
from measurements.errors import NotFound
from measurements.results.outcome import Label
from measurements.units import DAY_S, iso
from tests.agreeing import Parties
from tests.clocks import ManualClock
from tests.measurements.agreements.making import make_entry

DUE = {Topic.TERM_ENDS, Topic.REVIEW}
"""On 26 December 2026, when the parties of the tests begin."""
OBSERVER = Caller(Person(9, "-", "-", None, Role.ANALYST), frozenset(Scope), None)


def test_each_party_is_reminded_once(parties: Parties) -> None:
    made = remind(parties.transaction, parties.clock)

    assert {(one.party, one.topic) for one in made} == {(party, topic) for party in Party for topic in DUE}
    assert [one.reminder_id for one in made] == list(range(1, 7))
    assert remind(parties.transaction, parties.clock) == []
    with reading(parties.engine) as connection:
        assert list_reminders(connection) == made
        assert count_open(connection) == len(list_reminders(connection, only_open=True)) == 6


def test_what_comes_later_is_added(parties: Parties) -> None:
    remind(parties.transaction, parties.clock)
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(review_at=parties.now + 31 * DAY_S), parties.now)
    assert remind(parties.transaction, parties.clock) == []
    parties.clock.advance(DAY_S)

    made = remind(parties.transaction, parties.clock)

    assert {(one.party, one.topic, one.subject) for one in made} == {
        (party, Topic.TARGET_REVIEW, "k-root") for party in Party
    }


def test_a_party_acknowledges_its_own_and_the_first_word_stays(parties: Parties) -> None:
    [first, *_] = [one for one in remind(parties.transaction, parties.clock) if one.party is Party.TOJIKTELECOM]
    said_at = parties.now
    with writing(parties.engine) as connection:
        acknowledge_reminder(parties.acting(connection, Party.TOJIKTELECOM), first.reminder_id)
    parties.clock.advance(DAY_S)
    with writing(parties.engine) as connection:
        again = acknowledge_reminder(parties.acting(connection, Party.TOJIKTELECOM), first.reminder_id)
        with pytest.raises(NotFound):
            acknowledge_reminder(parties.acting(connection, Party.RIPE_NCC), first.reminder_id)
        with pytest.raises(NotFound):
            acknowledge_reminder(parties.acting(connection, Party.RIPE_NCC), 99)
        with pytest.raises(NotPermitted):
            acknowledge_reminder(Acting(connection, OBSERVER, parties.now), first.reminder_id)
        told = entries(connection, Wanted(Subject(SubjectKind.REMINDER, first.reminder_id), Act.REMINDER_ACKNOWLEDGED))

    assert (again.acknowledged_at, again.acknowledged_by) == (said_at, list(Party).index(Party.TOJIKTELECOM) + 1)
    assert [one.at for one in told] == [said_at]
    assert remind(parties.transaction, parties.clock) == [], "nobody is reminded of it again"


def test_reminders_are_listed_in_pages_and_the_open_ones_alone(parties: Parties) -> None:
    remind(parties.transaction, parties.clock)
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        own = next(one["id"] for one in reminders_page(acting).entries if one["party"] == Party.RIPE_NCC)
        acknowledge_reminder(acting, own)
        first = reminders_page(acting, limit=4)
        second = reminders_page(acting, after=first.next_after, limit=4)
        still = reminders_page(acting, only_open=True)

    assert [one["id"] for one in (*first.entries, *second.entries)] == list(range(1, 7))
    assert second.next_after is None
    assert own not in [one["id"] for one in still.entries]
    assert len(still.entries) == 5


def test_nobody_is_warned_while_nobody_is_designated(engine: Engine) -> None:
    """On a new database; the parties are reminded all the same, for whoever comes."""
    clock = ManualClock(datetime(2026, 12, 26, 12, tzinfo=UTC))
    with capture_logs() as logged:
        made = remind(transactions(engine), clock)

    assert {one.party for one in made} == set(Party)
    assert {one["log_level"] for one in logged} == {"debug", "info"}


def test_parties_that_are_represented_are_warned(parties: Parties) -> None:
    with capture_logs() as logged:
        remind(parties.transaction, parties.clock)

    assert "warning" in {one["log_level"] for one in logged}


@pytest.mark.acceptance("agreement.5")
def test_a_worker_reminds_on_every_day_of_a_year_that_has_one(engine: Engine) -> None:
    """As soon as the day has begun in Dushanbe, though nobody has signed yet."""
    clock = ManualClock(datetime(2026, 5, 30, 12, tzinfo=UTC))
    atlas = MemoryAtlas(clock, probes=[])
    fetcher = Fetcher(
        transaction=transactions(engine), atlas=atlas, clock=clock, preparer=Preparer(1), label=Label.REHEARSED,
        origin="http://atlas.example",
    )  # fmt: skip
    tasks = Tasks(
        snapshot=partial(reading, engine), fetcher_for=lambda _: fetcher, tend=lambda: None, seal=lambda _: None
    )
    while clock.now() < datetime(2026, 12, 31, tzinfo=UTC):
        run_due(transactions(engine), clock, [task for task in tasks if "remind" in task.name], worker="a")
        clock.advance(DAY_S / 4)

    with reading(engine) as connection:
        made = [one for one in list_reminders(connection) if one.party is Party.RIPE_NCC]
    days = [(6, 1), (8, 1), (9, 1), (9, 15), (9, 30), (10, 1), (12, 1)]
    assert [one.due_on for one in made] == [date(2026, *day) for day in days]
    assert all(iso(one.made_at)[11:] == "00:00:00Z" for one in made), "the first look after 19:00, when it begins"
    assert REMIND_AT_S == 19 * 3_600
