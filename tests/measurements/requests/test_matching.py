"""Matching: what it says is covered the gate lets pass, and what is not covered has its reason in plain words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measurements.agreements.agreement import Agreement, Narrowing, State, cards_in_force
from measurements.agreements.card import Card, Selected
from measurements.agreements.gate import Consent, decide
from measurements.agreements.parties import Party
from measurements.agreements.reasons import Reason
from measurements.requests.matching import match, shared, unagreed
from measurements.requests.offers import Offer
from measurements.requests.request import Question, Request, complete
from measurements.requests.wishes import wishes_of
from measurements.selections import MOST_PROBES
from measurements.units import DAY_S, iso
from tests.measurements.agreements.making import (
    DESIGNATIONS,
    NOW,
    make_card,
    make_memorandum,
    make_surroundings,
    make_version,
)

FIGURES = frozenset(
    {Reason.AGREED, Reason.TOO_MANY_CREDITS, Reason.TOO_MANY_PACKETS, Reason.TOO_MANY_PACKETS_FOR_OWNER}
)
"""What matching does not look at: what else is under way, and what it costs."""
ENTRIES = [
    {"target": "k-root", "type": "ping", "address_family": 4, "parameters": {"packets": 3}, "interval_s": 240},
    {"target": "k-root", "type": "ping", "address_family": 6, "interval_s": None},
    {"target": "k-root", "type": "traceroute", "address_family": 4, "interval_s": 1800},
    {"target": "ns1.nic.tj", "type": "ping", "address_family": 4, "interval_s": 600},
]
SELECTIONS = [
    {"by": "country", "value": "TJ", "requested": 20},
    {"by": "country", "value": "KG", "requested": "all"},
    {"by": "asn", "value": "24722", "requested": 3, "include_tags": ["system-anchor"]},
]


def asked(**said: Any) -> Request:
    """A question about K-root, with some things said."""
    return complete(Question.model_validate({"targets": ["k-root"], "address_families": [4], **said}), NOW)


def offer(card: Card | None = None, state: State = State.AGREED, agreement_id: int = 1, *narrower: Card) -> Offer:
    """An agreement on a card."""
    version = make_version(card)
    return Offer(agreement_id, state, version, (version.card, *narrower))


def lacking(request: Request, *offers: Offer) -> list[tuple[str, str]]:
    """What is missing for the first wish of a request."""
    found = match(wishes_of(request)[0], request, offers, NOW)
    return [] if found.nearest is None else [(one.pointer, one.says) for one in found.nearest.lacks]


cards = st.builds(
    make_card,
    measurements=st.lists(st.sampled_from(ENTRIES), min_size=1, max_size=4, unique_by=str),
    selections=st.lists(st.sampled_from(SELECTIONS), min_size=1, max_size=3, unique_by=str),
    max_probes=st.sampled_from([1, 5, 20, 400]),
    is_public=st.booleans(),
    starts_at=st.sampled_from([iso(NOW - DAY_S), iso(NOW + 3 * DAY_S)]),
    ends_at=st.sampled_from([iso(NOW + 4 * DAY_S), iso(NOW + 30 * DAY_S)]),
)
questions = st.fixed_dictionaries(
    {"targets": st.sampled_from([["k-root"], ["193.0.14.129"], ["ns1.nic.tj"], ["ns9.example"]])},
    optional={
        "measurements": st.sampled_from(
            [[{"type": "ping"}], [{"type": "ping", "parameters": {"packets": 3}}], [{"type": "traceroute"}],
             [{"type": "ping", "parameters": {"packets": 4}}]]
        ),
        "address_families": st.sampled_from([[4], [6], [4, 6]]),
        "places": st.lists(st.sampled_from(["tajikistan", "KG", "AS24722", "UZ"]), min_size=1, max_size=3),
        "n_probes": st.sampled_from([1, 4, 21, 1000]),
        "every_s": st.sampled_from(["once", 60, 240, 3600]),
        "stop_at": st.sampled_from([iso(NOW + DAY_S), iso(NOW + 20 * DAY_S), iso(NOW + 60 * DAY_S)]),
    },
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    card=cards, narrower=st.none() | cards, question=questions, state=st.sampled_from([State.AGREED, State.SUSPENDED])
)
def test_what_is_covered_the_gate_lets_pass(
    card: Card, narrower: Card | None, question: dict[str, Any], state: State
) -> None:
    """Whatever is agreed on and asked; a narrower card holds as well, be it one that leaves something out."""
    version = make_version(card)
    held_to = narrower and narrower.model_copy(update={"is_public": card.is_public})  # it is never another
    narrowings = () if held_to is None else (Narrowing(held_to, Party.RIPE_NCC, NOW - 1),)
    agreement = Agreement(1, (version,), narrowings=narrowings)
    held = Offer(1, state, version, cards_in_force(agreement, version, NOW))
    request = complete(Question.model_validate(question), NOW)
    for wish in wishes_of(request):
        found = match(wish, request, [held], NOW)
        assert (found.covered is None) == (found.nearest is not None)
        if found.covered is None:
            assert found.nearest
            assert found.nearest.lacks
            assert state is State.SUSPENDED or not _is_permitted(unagreed(wish, request, version.digest), agreement)
            continue
        intent = found.covered.intent
        about = make_surroundings()
        target = about.target._replace(name=wish.target or "") if about.target else None
        decision = decide(
            intent, Consent(agreement, DESIGNATIONS), make_memorandum(), about._replace(target=target), NOW
        )
        assert decision.reason in FIGURES, decision.reason
        assert state is State.AGREED
        assert (intent.start_at, intent.stop_at) == (request.from_at, request.until_at)
        assert intent.n_probes <= min(request.n_probes or MOST_PROBES, card.max_probes)


def _is_permitted(intent: Any, agreement: Agreement) -> bool:
    surroundings = make_surroundings()
    return decide(intent, Consent(agreement, DESIGNATIONS), make_memorandum(), surroundings, NOW).is_permitted


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ({"targets": ["ns1.nic.tj"]}, [("/targets", "the card names k-root, and not ns1.nic.tj")]),
        (
            {"measurements": [{"type": "dns"}]},
            [("/measurements", "toward k-root the card names ping, traceroute")],
        ),
        ({"address_families": [6]}, [("/address_families", "for ping to k-root the card names IPv4 alone")]),
        (
            {"measurements": [{"type": "ping", "parameters": {"size": 1000}}]},
            [("/measurements", "for ping to k-root the card names other parameters: packets 3")],
        ),
        ({"every_s": 60}, [("/every_s", "the card has it measured every 240 s, and not more often")]),
        ({"every_s": "once"}, [("/every_s", "the card has it measured every 240 s, and not once")]),
        ({"places": ["neighbours"]}, [
            ("/places", f"the card names probes of country TJ, and not of country {code}")
            for code in ("AF", "CN", "KG", "UZ")
        ]),
        ({"places": ["AS24722"]}, [("/places", "the card names probes of country TJ, and not of AS24722")]),
        ({"n_probes": 21}, [("/n_probes", "the card has it measured from 20 probes at most")]),
        ({"stop_at": "2027-12-01T00:00:00Z"}, [("/stop_at", "the agreement ends at 2027-06-29T19:00:00Z")]),
        ({}, []),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_with_what_the_card_says(said: dict[str, Any], missing: list[tuple[str, str]]) -> None:
    assert lacking(asked(**said), offer()) == missing


def test_what_is_not_in_force_is_told_and_covers_nothing() -> None:
    assert lacking(asked(), offer(state=State.SUBMITTED)) == [("", "it is not in force: it is submitted")]


def test_what_has_not_begun_is_told() -> None:
    later = make_card(starts_at=iso(NOW + DAY_S))

    assert lacking(asked(), offer(later)) == [("/start_at", f"the agreement begins at {iso(NOW + DAY_S)}")]


def test_what_a_party_had_narrowed_holds() -> None:
    """As seldom as the narrower card says; and what that leaves out is not measured."""
    seldom = [{**ENTRIES[0], "interval_s": 1200}]
    request = asked()
    (wish,) = wishes_of(request)
    narrowed = offer(None, State.AGREED, 1, make_card(measurements=seldom, max_probes=4))
    covered = match(wish, request, [narrowed], NOW).covered
    gone = offer(None, State.AGREED, 1, make_card(measurements=[ENTRIES[2]]))

    assert covered
    assert (covered.intent.allowed.interval_s, covered.intent.n_probes) == (1200, 4)
    assert lacking(request, gone) == [
        ("/measurements", "a party had the card narrowed, and this is not measured any more")
    ]


@pytest.mark.parametrize("spelt", ["tj", "tj.", "TJ."])
def test_a_name_is_the_same_however_it_is_spelt(spelt: str) -> None:
    entry = {"target": "k-root", "type": "dns", "address_family": 4, "interval_s": 900}
    card = make_card(measurements=[{**entry, "parameters": {"query_type": "SOA", "query_argument": "tj"}}])
    request = asked(measurements=[{"type": "dns", "parameters": {"query_argument": spelt}}])

    assert lacking(request, offer(card)) == []
    assert lacking(asked(measurements=[{"type": "dns", "parameters": {"query_argument": "kg"}}]), offer(card))


def test_the_nearest_has_the_most_in_common() -> None:
    """Another family of the same measurement is nearer than another target."""
    other = offer(make_card(measurements=[ENTRIES[3]]), State.AGREED, 1)
    nearer = offer(make_card(measurements=[ENTRIES[0]]), State.AGREED, 2)
    request = asked(address_families=[6])
    found = match(wishes_of(request)[0], request, [other, nearer], NOW)

    assert found.nearest
    assert found.nearest.agreement_id == 2


def test_of_several_that_cover_it_the_usual_measurement_is_taken() -> None:
    """And under the agreement that is asked for, where one is."""
    large = [{**ENTRIES[0], "parameters": {"size": 1000}}]
    offers = [offer(make_card(measurements=large)), offer(None, State.AGREED, 2), offer(None, State.AGREED, 3)]
    request, named = asked(), asked(agreement_id=3)
    found = [match(wishes_of(one)[0], one, offers, NOW).covered for one in (request, named)]

    assert [one and one.agreement_id for one in found] == [2, 3]
    assert match(wishes_of(request)[0], request, [], NOW)[1:] == (None, None)


@given(
    sizes=st.lists(st.integers(1, 30) | st.just("all"), min_size=1, max_size=5), n_probes=st.integers(1, MOST_PROBES)
)
def test_probes_are_shared_evenly(sizes: list[Any], n_probes: int) -> None:
    """As many as are wanted or there are; no place has less than another that could have given way."""
    selections = [Selected(by="country", value="TJ", requested=size) for size in sizes]
    most = [MOST_PROBES if size == "all" else size for size in sizes]
    given_ = [int(one.requested) for one in shared(selections, n_probes)]

    assert sum(given_) == min(n_probes, sum(most))
    if len(given_) == len(sizes):
        assert all(mine == cap or max(given_) - mine <= 1 for mine, cap in zip(given_, most, strict=True))
