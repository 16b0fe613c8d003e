"""Questions: what is left out is filled in, what makes no sense is named by its place, templates are whole."""

from typing import Any

import pytest

from measurements.errors import InvalidContent
from measurements.requests.request import Question, complete, read_question, request_digest
from measurements.requests.templates import templates
from measurements.requests.wishes import wishes_of, within_reach
from measurements.selections import SelectedBy
from measurements.units import DAY_S, HOUR_S
from tests.measurements.agreements.making import NOW


def asked(**said: Any) -> Question:
    """A question."""
    return read_question(said)


def test_what_is_left_out_is_usual() -> None:
    request = complete(asked(targets=["K.root-servers.net."]), NOW)

    assert request.targets == ("k-root",)
    assert (request.from_at, request.until_at) == (NOW + 60, NOW + 60 + DAY_S)
    assert request.title == "ping to k-root"
    assert [place.value for place in request.all_places] == ["TJ"]
    assert [(wish.type, wish.address_family) for wish in wishes_of(request)] == [("ping", 4), ("ping", 6)]


def test_what_is_measured_once_lasts_an_hour() -> None:
    request = complete(asked(targets=["k-root"], every_s="once"), NOW)

    assert request.until_at - request.from_at == HOUR_S
    assert wishes_of(request)[0].usual.interval_s is None


def test_who_asks_may_say_otherwise_than_the_template() -> None:
    request = complete(asked(template="k-root-inside", places=["AS24722", "neighbours"], n_probes=3), NOW)

    assert request.title == "Is K-root answered inside the country?"
    assert request.until_at - request.from_at == 7 * DAY_S
    assert [(place.by, place.value) for place in request.all_places] == [
        (SelectedBy.ASN, "24722"), *((SelectedBy.COUNTRY, code) for code in ("AF", "CN", "KG", "UZ")),
    ]  # fmt: skip
    assert wishes_of(request)[0].usual.parameters["query_argument"] == "hostname.bind"


@pytest.mark.parametrize("template", templates(), ids=lambda one: one.name)
def test_every_template_can_be_asked(template: Any) -> None:
    """Its title is a question, and what it needs is told."""
    said = {name: ["ns1.nic.tj"] for name in template.needs}
    wishes = wishes_of(complete(asked(template=template.name, **said), NOW))

    assert template.title.endswith("?")
    assert wishes
    assert len({wish.key for wish in wishes}) == len(wishes)
    if template.needs:
        with pytest.raises(InvalidContent, match="/targets"):
            complete(asked(template=template.name), NOW)


def test_values_that_are_sent_are_all_explicit() -> None:
    """What RIPE Atlas would fill in by itself is chosen here."""
    (wish,) = wishes_of(complete(asked(template="path-changed", targets=["193.0.14.129"], address_families=[4]), NOW))
    definition: Any = wish.usual.definition()

    assert (definition.protocol, definition.paris, definition.effective_spread_s) == ("UDP", 16, 400)


def test_the_same_question_has_the_same_digest() -> None:
    """However its target is spelt; another one has another."""
    spellings = (["k-root"], ["193.0.14.129"], ["K.ROOT-SERVERS.NET"])
    digests = {request_digest(complete(asked(targets=one), NOW)) for one in spellings}

    assert len(digests) == 1
    assert request_digest(complete(asked(targets=["k-root"], n_probes=1), NOW)) not in digests


def test_an_address_is_asked_over_its_own_family() -> None:
    wishes = wishes_of(complete(asked(targets=["2001:db8::1", "192.0.2.1"]), NOW))

    assert [(wish.target, wish.address_family) for wish in wishes] == [("2001:db8::1", 6), ("192.0.2.1", 4)]


def test_families_of_which_a_target_has_no_address_are_left_out() -> None:
    """Unless they are asked for; of a target that nobody knows, none is."""
    families = {"ns1.nic.tj": {4}}
    both, six = (
        complete(asked(targets=["ns1.nic.tj", "other.example"], **said), NOW)
        for said in ({}, {"address_families": [6]})
    )

    assert [(one.target, one.address_family) for one in within_reach(wishes_of(both), both, families)] == [
        ("ns1.nic.tj", 4), ("other.example", 4), ("other.example", 6),
    ]  # fmt: skip
    assert len(within_reach(wishes_of(six), six, families)) == 2


def test_the_probes_own_resolvers_are_asked_for_a_name() -> None:
    resolvers = {"type": "dns", "parameters": {"query_argument": "nic.tj"}}
    (wish,) = wishes_of(
        complete(asked(targets=["probe-resolvers"], measurements=[resolvers], address_families=[4]), NOW)
    )

    assert wish.target is None
    assert wish.usual.parameters["use_probe_resolver"] is True


def test_every_fault_is_told_at_once() -> None:
    measurements = [
        {"type": "ping", "parameters": {"packets": 99}},
        {"type": "traceroute", "parameters": {"paris": 65}},
    ]
    with pytest.raises(InvalidContent) as told:
        wishes_of(complete(asked(targets=["k-root"], measurements=measurements), NOW))

    assert [pointer for pointer, _ in told.value.problems] == [
        "/measurements/0/parameters/packets",
        "/measurements/1/parameters/paris",
    ]
