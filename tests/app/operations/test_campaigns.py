"""A campaign's nights: planned once, sent once, stopped when they have to, and closed with what is missing."""

from datetime import date

import pytest

from app.operations import keep_campaigns
from app.operations.plan_rounds import Planned, plan_rounds
from app.operations.summarise_nights import night_entries
from measurements.agreements.agreement import Choice
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.campaigns.nights import LEAD_S
from measurements.campaigns.standing import Missing, RoundState
from measurements.campaigns.summary import Change
from measurements.results.outcome import Label
from measurements.units import DAY_S, HOUR_S
from tests.agreeing import Parties
from tests.campaigning import DOCUMENT, NAME, NIGHT_AT, NIGHT_S, Campaigns
from tests.collecting import PING


@pytest.fixture
def campaigns(parties: Parties) -> Campaigns:
    """With an agreement, before anything is applied."""
    parties.agree()
    return Campaigns(parties)


def test_a_night_runs_by_itself_and_is_closed(campaigns: Campaigns) -> None:
    campaigns.apply()
    atlas = campaigns.parties.atlas

    campaigns.work(NIGHT_AT + 60)

    sent = campaigns.dispatches()
    assert [(one.intent.start_at, one.intent.stop_at) for one in sent] == [(NIGHT_AT, NIGHT_AT + NIGHT_S)] * 2
    numbers = [one.atlas_id or 0 for one in sent]
    assert [atlas.measurement(one).type for one in numbers] == ["ping", "traceroute"]
    assert campaigns.held().next_at == NIGHT_AT + DAY_S
    for k in range(NIGHT_S // 240):
        for probe in atlas.participants(numbers[0]).probe_ids:
            atlas.hand_in(numbers[0], probe, NIGHT_AT + k * 240 + 5, **PING)
    campaigns.work(NIGHT_AT + NIGHT_S + 4 * HOUR_S)

    (night,) = campaigns.rounds()
    ping, traceroute = campaigns.cells()
    assert night.state is RoundState.CLOSED
    assert (ping.n_expected, ping.n_received, ping.credits, ping.missing) == (1_200, 1_200, 3_600, None)
    assert (traceroute.n_expected, traceroute.n_received, traceroute.missing) == (160, 0, Missing.PROBES_SILENT)
    assert traceroute.explanation == "0 of 20 probes were heard"


def test_a_night_is_planned_once_however_often_one_looks(campaigns: Campaigns) -> None:
    campaigns.apply()
    campaigns.work(NIGHT_AT + 60)
    campaigns.apply()
    campaigns.act(keep_campaigns.pause_campaign, NAME)
    campaigns.act(keep_campaigns.resume_campaign, NAME)

    campaigns.work(NIGHT_AT + HOUR_S)

    assert len(campaigns.rounds()) == 1
    assert campaigns.parties.atlas.calls.count("dispatch") == 2


@pytest.mark.acceptance("orchestration.7")
@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (keep_campaigns.pause_campaign, Reason.CAMPAIGN_PAUSED),
        (keep_campaigns.stop_campaign, Reason.CAMPAIGN_STOPPED),
    ],
)
def test_stop_means_stopped(campaigns: Campaigns, act: object, reason: Reason) -> None:
    """What runs is stopped and read back; nothing of the kind goes out any more."""
    campaigns.apply()
    campaigns.work(NIGHT_AT + HOUR_S)

    campaigns.act(act, NAME)  # type: ignore[arg-type] # one of the two above
    campaigns.work(NIGHT_AT + HOUR_S + 120)

    sent = campaigns.dispatches()
    assert all(one.stopped_at for one in sent)
    assert all(campaigns.parties.atlas.measurement(one.atlas_id or 0).status.is_final for one in sent)
    campaigns.wait(NIGHT_AT + DAY_S)
    campaigns.work(NIGHT_AT + DAY_S + HOUR_S)
    assert campaigns.parties.atlas.calls.count("dispatch") == 2
    cells = campaigns.cells()
    assert {(one.missing, one.explanation) for one in cells} == {(Missing.STOPPED_EARLY, reason.explanation)}


@pytest.mark.acceptance("orchestration.7")
def test_what_was_intended_and_not_sent_is_not_sent_after_a_stop(campaigns: Campaigns) -> None:
    campaigns.apply()
    campaigns.wait(NIGHT_AT - LEAD_S)
    plan(campaigns)
    campaigns.act(keep_campaigns.stop_campaign, NAME)

    campaigns.work(NIGHT_AT + HOUR_S)

    assert campaigns.parties.atlas.calls.count("dispatch") == 0


def test_what_a_new_version_asks_for_alike_goes_on_and_the_rest_is_stopped(campaigns: Campaigns) -> None:
    campaigns.apply()
    campaigns.work(NIGHT_AT + HOUR_S)
    (ping, traceroute) = campaigns.dispatches()
    matrix = [
        {"targets": ["k-root"], "type": "ping", "families": [4], "parameters": {"packets": 3}, "interval_s": 240},
        {"targets": ["k-root"], "type": "traceroute", "families": [4], "interval_s": 3600},
    ]

    applied = campaigns.apply(matrix=matrix)
    campaigns.work(NIGHT_AT + 2 * HOUR_S)

    assert (applied.is_changed, applied.held.version) == (True, 2)
    atlas = campaigns.parties.atlas
    assert not atlas.measurement(ping.atlas_id or 0).status.is_final
    assert atlas.measurement(traceroute.atlas_id or 0).status.is_final
    _, _, again = campaigns.dispatches()
    assert again.intent.allowed.interval_s == 3600
    assert again.intent.start_at > NIGHT_AT + HOUR_S
    assert [one.cell for one in campaigns.cells()][1:] == [campaigns.cells()[1].cell] * 2


def test_after_some_time_away_the_rest_of_a_night_is_measured_and_what_is_over_was_missed(campaigns: Campaigns) -> None:
    campaigns.apply()
    campaigns.wait(NIGHT_AT + 2 * DAY_S + HOUR_S)

    campaigns.work(NIGHT_AT + 2 * DAY_S + HOUR_S + 120)

    first, second, third = campaigns.rounds()
    assert [first.state, second.state, third.state] == [RoundState.MISSED, RoundState.MISSED, RoundState.OPEN]
    assert {one.intent.start_at for one in campaigns.dispatches()} == {NIGHT_AT + 2 * DAY_S + HOUR_S + 60}
    assert "nobody was there" in str(first.reason)


def test_what_goes_beyond_the_budget_is_refused(campaigns: Campaigns) -> None:
    campaigns.apply(budget_credits=4_000)

    campaigns.work(NIGHT_AT + NIGHT_S + 4 * HOUR_S)

    _, traceroute = campaigns.cells()
    assert traceroute.missing is Missing.REFUSED
    assert traceroute.explanation == Reason.CAMPAIGN_OVER_BUDGET.explanation
    assert campaigns.parties.atlas.calls.count("dispatch") == 1


def test_without_an_agreement_in_force_every_cell_says_why(parties: Parties) -> None:
    parties.agree(votes={Party.RIPE_NCC: Choice.APPROVE})
    campaigns = Campaigns(parties)
    campaigns.apply()

    campaigns.work(NIGHT_AT + NIGHT_S + 4 * HOUR_S)

    assert {one.explanation for one in campaigns.cells()} == {Reason.VOTES_MISSING.explanation}
    assert parties.atlas.calls.count("dispatch") == 0


def test_one_more_round_can_be_asked_for(campaigns: Campaigns) -> None:
    campaigns.apply()

    asked = campaigns.act(keep_campaigns.run_campaign, NAME)
    campaigns.work(campaigns.parties.now + 120)

    assert (asked.n_permitted, asked.n_refused) == (2, 0)
    assert campaigns.parties.atlas.calls.count("dispatch") == 2
    assert campaigns.held().next_at == NIGHT_AT
    (extra,) = campaigns.rounds()
    assert extra.is_extra
    assert extra.until_at - extra.round_at == NIGHT_S


def test_in_the_morning_it_is_said_what_became_of_the_night(campaigns: Campaigns) -> None:
    """And what is otherwise than the night before: no ping came, and traceroute is asked for no longer."""
    campaigns.apply()
    campaigns.work(NIGHT_AT + 60)
    ping, traceroute = (one.atlas_id or 0 for one in campaigns.dispatches())
    for k in range(60):
        campaigns.parties.atlas.hand_in(ping, 9_100_001, NIGHT_AT + k * 240 + 5, **PING)
    campaigns.wait(NIGHT_AT + NIGHT_S + 1)
    campaigns.work(NIGHT_AT + NIGHT_S + 4 * HOUR_S)
    first = campaigns.act(night_entries)
    campaigns.apply(matrix=[DOCUMENT["matrix"][0]])
    campaigns.wait(NIGHT_AT + DAY_S - LEAD_S)
    campaigns.work(NIGHT_AT + DAY_S)

    second = campaigns.act(night_entries, None, NAME)
    nothing = campaigns.act(night_entries, date(2027, 1, 15))

    ((night,), (after,)) = first["campaigns"], second["campaigns"]
    assert (first["on"], second["on"], nothing["campaigns"]) == ("2027-01-16", "2027-01-17", [])
    assert (night["n_rounds"], night["n_open"], night["n_ran"], night["credits"]) == (1, 0, 1, 180)
    assert (night["n_expected"], night["n_received"], night["completeness_before"]) == (1_360, 60, None)
    assert [one["change"] for one in night["cells"]] == [None, None]
    assert (after["n_open"], after["completeness_before"], after["credits_before"]) == (1, 60 / 1_360, 180)
    assert [(one["type"], one["change"]) for one in after["cells"]] == [("ping", None), ("traceroute", Change.GONE)]
    assert traceroute


def plan(campaigns: Campaigns) -> Planned:
    """A tick."""
    return plan_rounds(campaigns.parties.transaction, campaigns.parties.now, Label.REHEARSED)
