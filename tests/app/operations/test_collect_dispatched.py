"""What was dispatched under an agreement is collected by itself, and held under that agreement whatever brings it."""

from functools import partial
from typing import Any

import orjson
import pytest
from sqlalchemy import select, text

from app.operations.batches import Source
from app.operations.collect_measurement import poll
from app.operations.due_tasks import Tasks
from app.operations.fetch_window import Fetcher
from app.operations.find_lost_dispatches import find_lost
from app.operations.prepare_records import Preparer
from app.operations.reparse_records import reparse_records
from app.operations.run_due import run_due
from app.operations.send_dispatches import send
from app.operations.stop_dispatches import withdraw_agreement
from app.store import tables
from app.store.engine import reading, writing
from app.store.find_vantage import find_snapshots
from app.store.followed import find_followed
from app.store.records import prepare
from app.store.series import SeriesNumbers
from app.store.visible import Visible, are_visible
from measurements.agreements.parties import Party
from measurements.atlas.failures import AnswerLost, Phase, ServerFailed
from measurements.atlas.memory import FIRST_ATLAS_ID
from measurements.results.outcome import DataClass, Label
from tests.agreeing import Parties, who
from tests.collecting import PING
from tests.measurements.agreements.making import make_card

HELD = ("raw_records", "results", "series", "measurements", "followed")
PROBE = 9_100_001


def fetcher_of(parties: Parties) -> Fetcher:
    return Fetcher(
        transaction=parties.transaction, atlas=parties.atlas, clock=parties.clock, preparer=Preparer(1),
        label=Label.REHEARSED, origin="http://atlas.example",
    )  # fmt: skip


def work(parties: Parties, hours: int) -> None:
    """What a worker does in some hours."""
    fetcher = fetcher_of(parties)
    tasks = Tasks(
        snapshot=partial(reading, parties.engine), fetcher_for=lambda _: fetcher, tend=lambda: None, seal=lambda _: None
    )
    until = parties.now + hours * 3_600
    while parties.now < until:
        parties.clock.sleep(run_due(parties.transaction, parties.clock, tasks, worker="a"))


def held_as(parties: Parties, atlas_id: int) -> dict[str, list[tuple[Any, ...]]]:
    """Table -> under which data classes and agreements it holds something of a measurement."""
    found = {}
    with reading(parties.engine) as connection:
        for table in HELD:
            held = tables.metadata.tables[table].c
            query = select(held.data_class, held.agreement_id).where(held.atlas_id == atlas_id).distinct()
            found[table] = [tuple(row) for row in connection.execute(query)]
    return found


def of_agreement(agreement_id: int) -> dict[str, list[tuple[Any, ...]]]:
    return {table: [("agreed_collection", agreement_id)] for table in HELD}


@pytest.mark.acceptance("agreement.4")
def test_what_was_dispatched_is_collected_and_held_under_its_agreement(parties: Parties) -> None:
    agreement_id = parties.agree()
    atlas_id = parties.atlas_id(parties.dispatched(agreement_id)) or 0
    parties.clock.advance(3_600)
    parties.atlas.hand_in(atlas_id, PROBE, parties.now - 600, stored_at=parties.now - 540, **PING)

    work(parties, hours=3)

    assert held_as(parties, atlas_id) == of_agreement(agreement_id)
    with writing(parties.engine) as connection:
        reparse_records(connection, clock=parties.clock, preparer=Preparer(1))
    assert held_as(parties, atlas_id) == of_agreement(agreement_id)


def test_where_its_participants_are_is_known_within_the_hour(parties: Parties) -> None:
    """No figure says anything of a network or a country before."""
    atlas_id = parties.atlas_id(parties.dispatched(parties.agree())) or 0
    parties.clock.advance(3_600)

    work(parties, hours=1)

    participants = parties.atlas.participants(atlas_id).probe_ids
    with reading(parties.engine) as connection:
        placed = {one.probe_id for one in find_snapshots(connection, participants)}
    assert placed == set(participants) != set()


def test_what_was_measured_before_a_withdrawal_is_still_collected(parties: Parties) -> None:
    """Nothing else is: what was measured later is quarantined."""
    agreement_id = parties.agree()
    atlas_id = parties.atlas_id(parties.dispatched(agreement_id)) or 0
    parties.clock.advance(7_200)
    withdraw_agreement(
        parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, agreement_id, who(Party.TOJIKTELECOM)
    )
    for at in (-600, 600):
        parties.atlas.hand_in(atlas_id, PROBE, parties.now + at, stored_at=parties.now + 900, **PING)
    parties.clock.advance(3_600)

    work(parties, hours=10)

    with reading(parties.engine) as connection:
        rows = connection.execute(text("SELECT status, reason FROM raw_records ORDER BY measured_at")).all()
        followed = find_followed(connection, Label.REHEARSED, atlas_id)
    assert [tuple(row) for row in rows] == [("kept", None), ("quarantined", "outside_consent")]
    assert followed
    assert followed.failure is None


def test_a_lost_answer_is_followed_once_it_is_found(parties: Parties) -> None:
    dispatch_id, _ = parties.intend(parties.agree())
    cause = ServerFailed("502", phase=Phase.READ, status=502)
    parties.atlas.fail_next("dispatch", AnswerLost("tag", cause))
    with pytest.raises(AnswerLost):
        send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    assert find_lost(parties.transaction, parties.atlas, parties.clock, Label.REHEARSED) == 1

    with reading(parties.engine) as connection:
        followed = find_followed(connection, Label.REHEARSED, parties.atlas_id(dispatch_id) or 0)

    assert followed
    assert followed.agreement_id == 1


def test_the_same_from_a_file_is_held_under_the_agreement_too(parties: Parties) -> None:
    """What came before anybody knew to which agreement it belongs is held under it once it comes again."""
    agreement_id = parties.agree()
    dispatch_id, _ = parties.intend(agreement_id)
    parties.clock.advance(3_600)
    body = {
        **PING,
        "msm_id": FIRST_ATLAS_ID,
        "prb_id": PROBE,
        "timestamp": parties.now - 60,
        "stored_timestamp": parties.now,
    }
    other = body | {"msm_id": 1_000_009}
    deliver(parties, body, other)
    assert held_as(parties, FIRST_ATLAS_ID)["results"] == [("public", None)]

    parties.clock.advance(-3_600)
    send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    atlas_id = parties.atlas_id(dispatch_id) or 0
    parties.clock.advance(3_600)
    deliver(parties, body | {"msm_id": atlas_id}, other)
    deliver(parties, body, other)

    assert held_as(parties, 1_000_009)["results"] == [("public", None)]
    for table in ("raw_records", "results", "series"):
        assert held_as(parties, atlas_id)[table] == [("agreed_collection", agreement_id)], table


def test_what_comes_under_its_agreement_later_stays_as_strictly_held_as_it_was(parties: Parties) -> None:
    """In series too, and not only as a record."""
    agreement_id = parties.agree()
    dispatch_id, _ = parties.intend(agreement_id)
    measured = {"prb_id": PROBE, "timestamp": parties.now + 3_540, "stored_timestamp": parties.now + 3_600}
    body = {**PING, "msm_id": FIRST_ATLAS_ID, **measured}
    deliver(parties, body, data_class=DataClass.PARTY_PROVIDED)
    send(parties.transaction, parties.atlas, parties.clock, dispatch_id)
    assert parties.atlas_id(dispatch_id) == FIRST_ATLAS_ID

    deliver(parties, body)

    for table in ("raw_records", "results", "series"):
        assert held_as(parties, FIRST_ATLAS_ID)[table] == [("party_provided", agreement_id)], table


@pytest.mark.parametrize(("data_class", "n_seen"), [(DataClass.FORBIDDEN, 0), (DataClass.PARTY_PROVIDED, 1)])
def test_what_is_forbidden_is_not_shown_to_those_whom_the_agreement_names(
    parties: Parties, data_class: DataClass, n_seen: int
) -> None:
    """No agreement can be about it."""
    agreement_id = parties.agree()
    atlas_id = parties.atlas_id(parties.dispatched(agreement_id))
    body = {**PING, "msm_id": atlas_id, "prb_id": PROBE, "timestamp": parties.now, "stored_timestamp": parties.now + 60}
    deliver(parties, body, data_class=data_class)
    seen = are_visible(tables.results, Visible(is_all=False, given=frozenset({agreement_id}), withheld=frozenset()))

    with reading(parties.engine) as connection:
        assert len(connection.execute(select(tables.results.c.id)).all()) == 1
        assert len(connection.execute(select(tables.results.c.id).where(*seen)).all()) == n_seen


def deliver(parties: Parties, *bodies: dict[str, Any], data_class: DataClass = DataClass.PUBLIC) -> None:
    records = [prepare(orjson.dumps(body), Label.REHEARSED) for body in bodies]
    with writing(parties.engine) as connection:
        source = Source(kind="file", name="x", data_class=data_class)
        source.write(connection, records, parties.now, SeriesNumbers())


def test_a_card_may_say_that_its_results_are_public(parties: Parties) -> None:
    """They are held under their agreement all the same."""
    agreement_id = parties.agree(make_card(data_class="public"))
    atlas_id = parties.atlas_id(parties.dispatched(agreement_id)) or 0
    parties.clock.advance(3_600)
    parties.atlas.hand_in(atlas_id, PROBE, parties.now - 600, stored_at=parties.now - 540, **PING)
    with reading(parties.engine) as connection:
        followed = find_followed(connection, Label.REHEARSED, atlas_id)
    assert followed

    poll(fetcher_of(parties), followed)

    assert held_as(parties, atlas_id)["series"] == [("public", agreement_id)]
    assert followed.data_class is DataClass.PUBLIC
