"""Campaigns beside what runs already: plans, drift, workers that race, built-ins, and the memorandum's end."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.operations.intend_dispatches import TAG
from app.operations.plan_campaign import find_running, plan_campaign
from app.operations.plan_rounds import Planned, plan_rounds
from app.store.catalogue import put_entry
from app.store.engine import reading, writing
from app.store.followed import find_followed
from measurements.agreements.reasons import Reason
from measurements.atlas.gateway import Plan
from measurements.campaigns.campaign_plan import Action, DriftKind
from measurements.campaigns.nights import LEAD_S
from measurements.campaigns.standing import Missing
from measurements.definitions.ping import Ping
from measurements.results.outcome import Label
from measurements.selections import in_country
from measurements.units import DAY_S, HOUR_S
from tests.agreeing import Parties
from tests.campaigning import NIGHT_AT, Campaigns, make_campaign
from tests.measurements.agreements.making import make_card, make_entry

MEMORANDUM_END = 1_830_279_600
"""2028-01-01 00:00 in Dushanbe."""


@pytest.fixture
def campaigns(parties: Parties) -> Campaigns:
    """With an agreement, before anything is applied."""
    parties.agree()
    return Campaigns(parties)


def test_of_two_workers_that_plan_at_once_one_plans(campaigns: Campaigns) -> None:
    campaigns.apply()
    campaigns.wait(NIGHT_AT - LEAD_S)

    with ThreadPoolExecutor(4) as pool:
        done = [pool.submit(plan, campaigns) for _ in range(4)]
    planned = [one.result() for one in done]

    assert sorted(one.n_permitted for one in planned) == [0, 0, 0, 2]
    assert len(campaigns.cells()) == 2


def test_a_plan_says_what_drifted(campaigns: Campaigns) -> None:
    """Somebody stopped one of ours by hand; and something runs under a tag of ours that nobody here knows."""
    campaigns.apply()
    campaigns.work(NIGHT_AT + 60)
    atlas = campaigns.parties.atlas
    ping, traceroute = (one.atlas_id or 0 for one in campaigns.dispatches())
    atlas.stop(ping)
    selections = (in_country("TJ", 1),)
    definition = Ping(target="193.0.14.129", address_family=4, description="whose?")
    (stray,) = atlas.dispatch(Plan(definitions=(definition,), selections=selections, tag=f"{TAG}-77-0"))

    planned = campaigns.act(plan_campaign, make_campaign(), find_running(atlas))

    assert [(one.action, one.atlas_id) for one in planned.steps] == [(Action.KEEP, ping), (Action.KEEP, traceroute)]
    assert [(one.kind, one.atlas_id) for one in planned.drift] == [(DriftKind.ORPHAN, stray), (DriftKind.GHOST, ping)]
    assert planned.credits_committed == 3_600 + 4_800


def test_what_the_gate_would_refuse_is_planned_as_blocked(campaigns: Campaigns) -> None:
    """Of what is too much together, the rest: as it would be at night."""
    block = {"targets": ["k-root"], "type": "ping", "families": [4], "parameters": {"packets": 3}, "interval_s": 240}
    six = block | {"families": [6]}

    planned = campaigns.act(plan_campaign, make_campaign(matrix=[block, six]))

    assert [(one.action, one.reason) for one in planned.steps] == [
        (Action.CREATE, None),
        (Action.BLOCKED, Reason.OTHER_ADDRESS_FAMILY),
    ]
    assert planned.drift is None
    assert not list(campaigns.parties.atlas.calls)


def test_built_ins_are_followed_with_the_first_round(campaigns: Campaigns) -> None:
    """Of probes in the country alone."""
    built_in = {"id": 1001, "type": "ping", "af": 4, "target": "k.root-servers.net", "interval": 240, "start_time": 0,
                "is_oneoff": False, "status": {"id": 2, "name": "Ongoing"}, "stop_time": None}  # fmt: skip
    campaigns.parties.atlas.know_built_in(built_in)
    campaigns.apply(built_ins=[{"atlas_ids": [1001, 1002], "country": "TJ"}])

    campaigns.work(NIGHT_AT)

    with reading(campaigns.parties.engine) as connection:
        followed = find_followed(connection, Label.REHEARSED, 1001)
        missing = find_followed(connection, Label.REHEARSED, 1002)
    assert followed
    assert followed.position.probe_ids == tuple(range(9_100_001, 9_100_026))
    assert missing is None


def test_nights_across_the_end_of_the_memorandum(parties: Parties) -> None:
    """It ends with 2027 in Dushanbe: the night before is cut short and says so, and the one after is refused."""
    parties.agree(make_card(ends_at="2028-06-30T00:00:00+05:00"))
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(review_at=MEMORANDUM_END + 100 * DAY_S), parties.now)
    campaigns = Campaigns(parties)
    schedule = {"kind": "nightly", "mode": "periodic", "begins": "22:00", "ends": "04:00"}
    campaigns.apply(ends_at="2028-06-30T00:00:00+05:00", schedule=schedule)
    campaigns.wait(MEMORANDUM_END - 3 * HOUR_S)

    plan(campaigns)  # what was due since it was applied was missed
    campaigns.looks_every_s = HOUR_S
    campaigns.work(MEMORANDUM_END + 60)
    campaigns.wait(MEMORANDUM_END + DAY_S - 3 * HOUR_S)
    campaigns.work(MEMORANDUM_END + DAY_S + 8 * HOUR_S)

    before, after = campaigns.cells()[:2], campaigns.cells()[2:]
    assert [one.is_capped for one in before + after] == [True, True, False, False]
    assert {one.intent.stop_at for one in campaigns.dispatches()[:2]} == {MEMORANDUM_END}
    assert {(one.missing, one.explanation) for one in after} == {
        (Missing.REFUSED, Reason.EXTENSION_UNCONFIRMED.explanation)
    }
    assert parties.atlas.calls.count("dispatch") == 2


def plan(campaigns: Campaigns) -> Planned:
    """A tick."""
    return plan_rounds(campaigns.parties.transaction, campaigns.parties.now, Label.REHEARSED)
