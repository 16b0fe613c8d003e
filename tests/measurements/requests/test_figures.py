"""Figures, states and reuse: what a request comes to, how it stands, and what answers it for free."""

from decimal import Decimal
from typing import Any

import pytest

from measurements.agreements.reasons import Reason
from measurements.requests.figures import figures_of, rounds_of
from measurements.requests.request import Question, complete
from measurements.requests.reuse import Existing, answering, built_ins
from measurements.requests.states import Facts, State, progress_of, waiting, whole
from measurements.requests.wishes import wishes_of
from measurements.units import DAY_S
from tests.measurements.agreements.making import NOW, make_intent

FACTS = Facts(NOW, NOW + DAY_S, Reason.AGREED, None, None, None, None, None, None)
SENT = FACTS._replace(sent_at=NOW - 60)
RUNNING = SENT._replace(atlas_id=5001)
CALLED_OFF = RUNNING._replace(reason=Reason.REQUEST_CANCELLED)


def test_figures_are_those_of_the_intents() -> None:
    """Two that follow one upon the other are no load at the same time; two wishes toward one target are."""
    first = make_intent(start_at=NOW, stop_at=NOW + DAY_S)
    later = first._replace(start_at=NOW + DAY_S, stop_at=NOW + 3 * DAY_S)
    figures, both = figures_of([[first, later]]), figures_of([[first], [first]])

    assert rounds_of(later) == 720
    assert (figures.n_probes, figures.n_results, figures.n_results_per_day) == (20, 20 * 1080, 20 * 360)
    assert (figures.credits, figures.credits_per_day) == (first.credits + later.credits, first.credits)
    assert figures.packets_per_s == Decimal(60) / 240
    assert both.packets_per_s == 2 * figures.packets_per_s
    assert both.credits_per_day == 2 * figures.credits_per_day


def test_what_is_measured_once_is_a_round_and_costs_twice() -> None:
    periodic, once = make_intent(), make_intent()
    once = once._replace(allowed=once.allowed.model_copy(update={"interval_s": None}))
    figures = figures_of([[once]])

    assert (figures.n_results, figures.n_results_per_day) == (20, 20)
    assert figures.credits == figures.credits_per_day == 2 * 20 * periodic.allowed.definition().credits_per_result()


def test_a_short_run_has_no_more_results_a_day_than_it_has() -> None:
    assert figures_of([[make_intent(start_at=NOW, stop_at=NOW + 480)]]).n_results_per_day == 40


@pytest.mark.parametrize(
    ("facts", "cancelled_at", "state", "says"),
    [
        (FACTS, None, State.PLANNED, "It is permitted"),
        (FACTS._replace(reason=Reason.SUSPENDED), None, State.REFUSED, "The agreement is suspended for now."),
        (FACTS._replace(failure="nobody sent it"), None, State.FAILED, "It was not sent: nobody sent it."),
        (FACTS._replace(trouble="25 already"), None, State.PLANNED, "RIPE Atlas did not take it for now: 25 already."),
        (FACTS._replace(reason=Reason.REQUEST_CANCELLED), NOW, State.CANCELLED, "It was cancelled at"),
        (SENT, None, State.SENT, "has not answered yet"),
        (SENT._replace(failure="25 already"), None, State.FAILED, "RIPE Atlas did not take it: 25 already"),
        (RUNNING._replace(start_at=NOW + 60), None, State.SENT, "begins at"),
        (RUNNING, None, State.RUNNING, "Measurement 5001 of RIPE Atlas runs until"),
        (RUNNING._replace(stop_at=NOW), None, State.FINISHED, "ended at"),
        (RUNNING._replace(stopped_at=NOW + DAY_S), None, State.FINISHED, "ended at"),
        (RUNNING._replace(reason=Reason.WITHDRAWN), None, State.RUNNING, "is being stopped: A party has withdrawn."),
        (CALLED_OFF, NOW, State.RUNNING, "is being stopped: the request was cancelled"),
        (RUNNING._replace(stopped_at=NOW), NOW, State.CANCELLED, "the request was cancelled"),
        (RUNNING._replace(stopped_at=NOW, reason=Reason.WITHDRAWN), None, State.STOPPED, "A party has withdrawn."),
        (RUNNING._replace(stopped_at=NOW), None, State.STOPPED, "RIPE Atlas says that it has stopped."),
    ],
)
def test_how_it_stands_follows_from_what_happened(
    facts: Facts, cancelled_at: int | None, state: State, says: str
) -> None:
    progress = progress_of(facts, NOW, cancelled_at)

    assert progress.state is state
    assert says in progress.explanation


def test_the_whole_stands_as_what_is_most_alive_of_it() -> None:
    assert whole([State.REFUSED, State.RUNNING, State.WAITING_FOR_CONSENT]) is State.RUNNING
    assert whole([State.FAILED, State.FINISHED]) is State.FINISHED
    assert whole([State.REFUSED, State.CANCELLED]) is State.REFUSED
    assert "draft 3" in waiting(3, ["the card says no"]).explanation


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        ({"type": "ping"}, [1001]),
        ({"type": "traceroute"}, [5001]),
        ({"type": "dns"}, [10001]),
        (
            {"type": "dns", "parameters": {"query_type": "TXT", "query_argument": "hostname.bind"}},
            [10301],
        ),
        ({"type": "dns", "parameters": {"query_type": "NS"}}, []),
    ],
)  # fmt: skip
def test_built_ins_answer_what_they_ask(measured: dict[str, Any], expected: list[int]) -> None:
    request = complete(Question.model_validate({"targets": ["k-root"], "measurements": [measured]}), NOW)
    found = answering(wishes_of(request)[0], request, built_ins())

    assert [one.atlas_id for one in found] == expected


def test_what_is_measured_more_seldom_answers_nothing() -> None:
    seldom = Existing(7, "ping", "k-root", 4, 3600, None, None, is_built_in=False)
    often, rarely = (
        complete(Question.model_validate({"targets": ["k-root"], "every_s": every_s}), NOW) for every_s in (600, 7200)
    )

    assert [answering(wishes_of(one)[0], one, [seldom]) for one in (often, rarely)] == [(), (seldom,)]
