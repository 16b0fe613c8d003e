"""What is held and lies outside of consent, as somebody says later, leaves the series by itself."""

from typing import Any

import orjson
import pytest
from sqlalchemy import select, text

from app.operations import keep_catalogue
from app.operations.batches import Source
from app.operations.due_tasks import HOLD_EVERY_S
from app.operations.prepare_records import Preparer
from app.operations.quarantine_outside import quarantine_outside
from app.operations.reparse_records import reparse_records
from app.operations.run_due import run_due
from app.operations.stop_dispatches import withdraw_agreement
from app.store import tables
from app.store.audit import Wanted, entries
from app.store.catalogue import put_entry
from app.store.engine import reading, writing
from app.store.records import prepare
from app.store.series import SeriesNumbers
from measurements.agreements.audit import Act, Subject, SubjectKind
from measurements.agreements.catalogue import Consent, Publicness
from measurements.agreements.parties import Party
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties, who
from tests.app.operations.test_look_after_targets import tasks_of
from tests.collecting import PING
from tests.measurements.agreements.making import make_entry

PROBE = 9_100_001
LETTER = Consent("letter 8", 0, None)
OWNED = {"publicness": Publicness.BY_CONSENT, "owner_party": None, "consent": LETTER}


def running(parties: Parties) -> int:
    """A measurement of a target whose owner is no party, an hour old."""
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(**OWNED), parties.now)
    atlas_id = parties.atlas_id(parties.dispatched(parties.agree())) or 0
    parties.clock.advance(3_600)
    return atlas_id


def come(parties: Parties, atlas_id: int, *measured: dict[str, Any]) -> None:
    """Results come in, each measured and stored so many seconds from now."""
    bodies = []
    for probe_id, one in enumerate(measured, PROBE):
        times = {"timestamp": parties.now + one["at"], "stored_timestamp": parties.now + one["stored"]}
        more = {name: value for name, value in one.items() if name not in ("at", "stored")}
        bodies.append({**PING, "msm_id": atlas_id, "prb_id": probe_id, **times, **more})
    records = [prepare(orjson.dumps(body), Label.REHEARSED) for body in bodies]
    with writing(parties.engine) as connection:
        Source(kind="file", name="x").write(connection, records, parties.now, SeriesNumbers())


def kept(parties: Parties) -> list[tuple[str, str | None]]:
    with reading(parties.engine) as connection:
        rows = connection.execute(text("SELECT status, reason FROM raw_records ORDER BY id"))
        return [(row[0], row[1]) for row in rows]


def n_fed(parties: Parties) -> int:
    with reading(parties.engine) as connection:
        return len(connection.execute(select(tables.samples.c.result_id).distinct()).all())


def told(parties: Parties) -> list[Any]:
    with reading(parties.engine) as connection:
        wanted = Wanted(Subject(SubjectKind.AGREEMENT, 1), Act.RESULTS_QUARANTINED)
        return [orjson.loads(one.details or "{}")["n_records"] for one in entries(connection, wanted)]


def assert_as_read_again(parties: Parties) -> None:
    """Reading everything again changes nothing."""
    with writing(parties.engine) as connection:
        report = reparse_records(connection, clock=parties.clock, preparer=Preparer(1))
    assert report.by_status == {}
    assert report.changes
    assert not any(report.changes[:-1])
    assert report.changes.by_field == {}


KEPT, OUTSIDE = ("kept", None), ("quarantined", "outside_consent")


@pytest.mark.acceptance("agreement.4")
def test_a_result_of_a_clock_that_was_ahead_is_in_use_no_longer_after_a_withdrawal(parties: Parties) -> None:
    """It was taken in before, and says that it was measured after."""
    atlas_id = running(parties)
    come(parties, atlas_id, {"at": -60, "stored": -30}, {"at": 90, "stored": -30})
    assert kept(parties) == [KEPT, KEPT]
    parties.clock.advance(30)

    withdraw_agreement(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, 1, who(Party.TOJIKTELECOM))

    assert kept(parties) == [KEPT, OUTSIDE]
    assert told(parties) == [1]
    assert_as_read_again(parties)


@pytest.mark.acceptance("agreement.4")
def test_the_worker_takes_it_out_within_minutes_whatever_ended_consent(parties: Parties) -> None:
    """An owner's letter that comes late: samples and bins are as if nothing else had ever come."""
    atlas_id = running(parties)
    come(parties, atlas_id, *({"at": at, "stored": at + 30} for at in (-1_800, -900, -600)))
    assert (n_fed(parties), quarantine_outside(parties.transaction, parties.clock)) == (3, 0)
    ended = LETTER._replace(until_at=parties.now - 900)
    with writing(parties.engine) as connection:
        keep_catalogue.record_consent(parties.acting(connection, Party.RIPE_NCC), "k-root", ended)

    tasks, until = tasks_of(parties), parties.now + 2 * HOLD_EVERY_S
    while parties.now < until:
        parties.clock.sleep(run_due(parties.transaction, parties.clock, tasks, worker="a"))

    assert kept(parties) == [KEPT, OUTSIDE, OUTSIDE]
    assert n_fed(parties) == 1
    assert told(parties) == [2]
    assert quarantine_outside(parties.transaction, parties.clock) == 0
    assert_as_read_again(parties)


def test_what_stays_of_two_results_with_one_key_feeds_the_series(parties: Parties) -> None:
    """The one that was stored first, by an untrusted clock, is gone; the other is no conflict any more."""
    atlas_id = running(parties)
    late = {"lts": -1, "prb_id": PROBE, "at": -600}
    come(parties, atlas_id, late | {"stored": -590}, {"prb_id": PROBE, "at": -600, "stored": -100, "min": 1.0})
    with reading(parties.engine) as connection:
        assert list(connection.execute(text("SELECT is_conflict FROM results")).scalars()) in ([1, 1], [True, True])

    suspend(parties, from_s=-595, until_s=-585)

    assert quarantine_outside(parties.transaction, parties.clock) == 1
    assert kept(parties) == [OUTSIDE, KEPT]
    assert n_fed(parties) == 1
    assert_as_read_again(parties)


def suspend(parties: Parties, from_s: int, until_s: int) -> None:
    """As if it had been suspended for some time that is over."""
    row = {"agreement_id": 1, "cause": "dispute", "designation_id": 1}
    times = {"from_at": parties.now + from_s, "until_at": parties.now + until_s}
    with writing(parties.engine) as connection:
        connection.execute(tables.suspensions.insert().values(row | times))


def test_nothing_is_judged_again_before_somebody_says_something(parties: Parties) -> None:
    atlas_id = running(parties)
    quarantine_outside(parties.transaction, parties.clock)
    with reading(parties.engine) as connection:
        before = connection.execute(select(tables.consent_checks)).all()
    come(parties, atlas_id, {"at": -60, "stored": -30})
    quarantine_outside(parties.transaction, parties.clock)
    with reading(parties.engine) as connection:
        assert connection.execute(select(tables.consent_checks)).all() == before
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(name="far.example"), parties.now)

    assert quarantine_outside(parties.transaction, parties.clock) == 0

    with reading(parties.engine) as connection:
        [after] = connection.execute(select(tables.consent_checks)).all()
    assert after.facts != before[0].facts, "by what was said since"
    assert after.periods == before[0].periods
    assert after.dispatch_id == before[0].dispatch_id


@pytest.mark.acceptance("agreement.4")
def test_what_was_erased_as_agreed_and_lies_outside_is_not_used_either(parties: Parties) -> None:
    """There is nothing left of it to keep but what may not be used."""
    atlas_id = running(parties)
    come(parties, atlas_id, {"at": -900, "stored": -890}, {"at": -300, "stored": -290})
    with writing(parties.engine) as connection:
        connection.execute(tables.raw_records.update().values(body=b""))

    suspend(parties, from_s=-600, until_s=-60)

    assert quarantine_outside(parties.transaction, parties.clock) == 1
    assert kept(parties) == [KEPT]
    assert n_fed(parties) == 1
    parties.clock.advance(DAY_S)
    assert quarantine_outside(parties.transaction, parties.clock) == 0
