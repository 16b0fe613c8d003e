"""What a round becomes, what a plan would change, and why results are missing."""

import json

import pytest

from measurements.agreements import narrowing
from measurements.agreements.card import digest, read_card
from measurements.agreements.intent import Intent
from measurements.agreements.reasons import Reason
from measurements.campaigns.campaign import Campaign
from measurements.campaigns.campaign_plan import Action, Drift, DriftKind, Running, drifts, plan_steps, rounds_left
from measurements.campaigns.nights import LEAD_S, SOON_S, Late, cost_of_cell, intents, lateness
from measurements.campaigns.schedule import Tick
from measurements.campaigns.shipping import NAMES, shipped_campaign, shipped_card, shipped_text
from measurements.campaigns.standing import Closing, Counted, Fate, Missing, close_cell
from measurements.errors import NotFound
from tests.campaigning import NIGHT_AT, NIGHT_S, make_campaign
from tests.measurements.agreements.making import make_card

NIGHT = Tick(NIGHT_AT, NIGHT_AT + NIGHT_S)
FAR = NIGHT_AT + 10**7


def intents_of(campaign: Campaign, now: int, memorandum_until_at: int = FAR) -> list[tuple[Intent, bool]]:
    card = make_card()
    found = intents(
        campaign, NIGHT, card=card, digest=digest(card), memorandum_until_at=memorandum_until_at, now=now
    )  # fmt: skip
    return [(one.intent, one.is_capped) for one in found]


def test_every_cell_is_measured_through_the_window() -> None:
    (ping, is_capped), _ = intents_of(make_campaign(), NIGHT_AT - LEAD_S)

    assert (ping.start_at, ping.stop_at, is_capped) == (NIGHT_AT, NIGHT_AT + NIGHT_S, False)
    assert ping.selections == make_campaign().selections
    assert ping.is_public


def test_what_is_late_is_measured_for_the_rest() -> None:
    (ping, _), _ = intents_of(make_campaign(), NIGHT_AT + 600)

    assert (ping.start_at, ping.stop_at) == (NIGHT_AT + 600 + SOON_S, NIGHT_AT + NIGHT_S)


def test_the_memorandums_end_shortens_a_night_and_says_so() -> None:
    (ping, is_capped), _ = intents_of(make_campaign(), NIGHT_AT, NIGHT_AT + 3_600)

    assert (ping.stop_at, is_capped) == (NIGHT_AT + 3_600, True)


def test_a_night_after_the_memorandums_end_is_left_to_the_gate() -> None:
    (ping, is_capped), _ = intents_of(make_campaign(), NIGHT_AT, NIGHT_AT - 3_600)

    assert (ping.stop_at, is_capped) == (NIGHT_AT + NIGHT_S, False)


@pytest.mark.parametrize(
    ("now", "late"),
    [
        (NIGHT_AT - LEAD_S, Late.NO),
        (NIGHT_AT - SOON_S, Late.NO),
        (NIGHT_AT - SOON_S + 1, Late.REST),
        (NIGHT_AT + NIGHT_S - SOON_S - 1, Late.REST),
        (NIGHT_AT + NIGHT_S - SOON_S, Late.MISSED),
    ],
)
def test_how_late_it_is(now: int, late: Late) -> None:
    assert lateness(NIGHT, now) is late


def running(campaign: Campaign, n: int, atlas_id: int = 7) -> Running:
    cell = campaign.cells[n]
    return Running(cell.key, atlas_id, cell.allowed, campaign.selections, campaign.agreement_id, "tag")


def test_a_plan_says_what_is_created_kept_stopped_and_blocked() -> None:
    before = make_campaign()
    ping, traceroute = before.matrix
    dns = {"targets": ["k-root"], "type": "dns", "families": [4], "interval_s": 600,
           "parameters": {"query_type": "SOA", "query_argument": "."}}  # fmt: skip
    wanted = make_campaign(matrix=[ping.model_dump(), dns])

    steps = plan_steps(
        wanted, [running(before, 0), running(before, 1, 8)], {wanted.cells[1].key: Reason.OTHER_TYPE}, NIGHT
    )

    assert [(one.action, one.allowed.type, one.atlas_id, one.reason) for one in steps] == [
        (Action.KEEP, "ping", 7, None),
        (Action.BLOCKED, "dns", None, Reason.OTHER_TYPE),
        (Action.STOP, "traceroute", 8, Reason.CAMPAIGN_CHANGED),
    ]
    assert steps[0].credits_per_round == 3 * 20 * 60
    assert {one.action for one in plan_steps(before, [], {}, NIGHT)} == {Action.CREATE}
    assert traceroute.interval_s == 1800


@pytest.mark.parametrize(
    "changes", [{"selections": [{"by": "country", "value": "TJ", "requested": 5}]}, {"agreement_id": 2}]
)
def test_what_is_asked_for_otherwise_is_stopped_and_created(changes: dict[str, object]) -> None:
    before, wanted = make_campaign(), make_campaign(**changes)

    steps = plan_steps(wanted, [running(before, 0)], {}, NIGHT)

    assert [one.action for one in steps] == [Action.STOP, Action.CREATE, Action.CREATE]


def test_what_runs_and_is_not_known_is_an_orphan_and_what_does_not_run_is_a_ghost() -> None:
    campaign = make_campaign()
    known = [running(campaign, 0, 7), running(campaign, 1, 8)]

    found = drifts(known, {7: "tag", 9: "rasad-dispatch-99"}, {"tag"})

    assert found == (Drift(DriftKind.ORPHAN, 9, "rasad-dispatch-99"), Drift(DriftKind.GHOST, 8, "tag"))


LOST = "RIPE Atlas's answer was lost, and what it was has not been found out"
RAN = Fate(refused=None, failure=None, is_sent=True, is_answered=True, stopped_at=None)
FULL = Counted(n_rounds=10, n_probes=4, n_participants=4, n_heard=4, n_received=40, credits_per_result=3)


@pytest.mark.parametrize(
    ("fate", "counted", "closing"),
    [
        (RAN, FULL, Closing(40, 40, 120, None, None)),
        (RAN, FULL._replace(n_heard=3, n_received=29), (Missing.PROBES_SILENT, "3 of 4 probes were heard")),
        (RAN, FULL._replace(n_participants=3, n_received=30),
         (Missing.FEWER_PROBES, "RIPE Atlas chose 3 probes; 4 were asked for")),
        (RAN._replace(refused="It was stopped.", stopped_at=5), FULL._replace(n_received=9),
         (Missing.STOPPED_EARLY, "It was stopped.")),
        (RAN._replace(is_sent=False, refused="No."), FULL._replace(n_received=0), (Missing.REFUSED, "No.")),
        (RAN._replace(is_sent=False, failure="late"), FULL._replace(n_received=0), (Missing.NOT_SENT, "late")),
        (RAN._replace(failure="full"), FULL._replace(n_received=0), (Missing.PLATFORM_REFUSED, "full")),
        (RAN._replace(is_answered=False), FULL._replace(n_received=0), (Missing.UNANSWERED, LOST)),
    ],
    ids=["nothing", *(missing for missing in (
        "silent", "fewer", "stopped", "refused", "not sent", "platform", "unanswered"))],
)  # fmt: skip
def test_everything_that_is_missing_has_a_reason(fate: Fate, counted: Counted, closing: tuple[object, ...]) -> None:
    said = close_cell(fate, counted, until_at=10)

    assert (said if len(closing) > 2 else (said.missing, said.explanation)) == closing
    assert (said.missing is None) == (said.n_received == 40)


@pytest.mark.parametrize(
    ("fate", "missing"),
    [
        (RAN, Missing.NOT_YET),
        (RAN._replace(is_sent=False), Missing.NOT_YET),
        (RAN._replace(is_answered=False), Missing.NOT_YET),
        (RAN._replace(failure="full"), Missing.PLATFORM_REFUSED),
        (RAN._replace(is_sent=False, failure="late"), Missing.NOT_SENT),
    ],
)
def test_what_may_come_yet_is_not_missing_for_good(fate: Fate, missing: Missing) -> None:
    assert close_cell(fate, FULL._replace(n_received=9), until_at=10, is_open=True).missing is missing


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shipped_is_covered_by_its_card_and_within_budget(name: str) -> None:
    """Once its card is agreed on, the gate finds nothing to refuse."""
    campaign, card = shipped_campaign(name, 3), read_card(json.loads(shipped_card(name)))
    tick = campaign.first_due(campaign.from_at)
    assert tick
    rates = dict[str | None, float]()
    for cell in campaign.cells:
        assert any(narrowing.covers(wider, cell.allowed) for wider in card.measurements), cell
        intent = Intent("", cell.allowed, campaign.selections, 0, 1, is_public=False)
        rates[cell.allowed.target] = rates.get(cell.allowed.target, 0) + float(intent.packets_per_s)
    total = rounds_left(campaign, tick) * sum(cost_of_cell(campaign, cell, tick) for cell in campaign.cells)

    assert campaign.agreement_id == 3
    assert len(campaign.cells) == len(card.measurements)
    assert all(any(narrowing.selects(wider, one) for wider in card.selections) for one in campaign.selections)
    assert total <= campaign.budget_credits <= card.max_credits
    assert max(rates.values()) <= float(card.max_packets_per_s)
    assert (campaign.from_at, campaign.until_at) == (card.from_at, card.until_at)


def test_only_what_is_shipped_is_found() -> None:
    with pytest.raises(NotFound, match="k-root-tj and tj-servers"):
        shipped_text("../standing")
