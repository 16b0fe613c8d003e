"""Whatever the platform refuses is refused here first, at the same field; whatever is accepted here it accepts.

The rules, as the rehearsal has them from the manual and from refusals that clients quoted (`app/rehearsal/api`):

- of every definition: `type` one of those there are, `af` 4 or 6, `description` of 1 to 254 characters that are not all
  blank, without < and >, `target` of 1 to 253 (none exactly where a probe's own resolvers are asked), `interval` from a
  minute to a week, `spread` from 0 on, `tags` of at most 64 letters, digits, hyphens and underscores;
- ping: `packets` 1 to 16, `size` 1 to 2048, `packet_interval` 2 to 300,000;
- traceroute: `protocol`, `packets` 1 to 16, `size` to 2048, `paris` to 64, `first_hop`, `max_hops` 1 to 255, `port`,
  `response_timeout` and `duplicate_timeout` 1 to 60,000, `hop_by_hop_option_size` to 2048, `destination_option_size`
  to 1024;
- DNS: `query_class`, `query_type`, `query_argument` that fits into a message with whatever a probe puts before or into
  it, `protocol`, `port`, `udp_payload_size` 512 to 4096, `retry` to 10, `timeout` 100 to 30,000;
- of probes: a known `type`, a `value` of its form, `requested` that is -1 or from 1 on, 1 to 1,000 sources;
- of the request: 1 to 100 definitions, `start_time` not past, `stop_time` after it and not of a one-off, both in the
  32 bits of the platform's clock;
- numbers, texts and truth are not each other.

What only the platform can know is no rule: that a name leads nowhere today, and where it has probes (`FACTS`).
"""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.rehearsal.api.creation import create
from app.rehearsal.api.envelope import Refused
from app.rehearsal.api.keys import DEMONSTRATION_KEY, DEMONSTRATION_KEYS
from app.rehearsal.api.platform import Limits, Platform
from measurements.agreements.card import read_card
from measurements.agreements.not_agreed_on import NOT_AGREED_ON
from measurements.atlas.gateway import Plan
from measurements.atlas.payloads import definition_body, source_body
from measurements.definitions.base import Definition
from measurements.errors import InvalidCard, InvalidDefinition
from measurements.selections import MOST_PROBES, ProbeSelection, SelectedBy, in_country
from tests.app.rehearsal.tiny import NoFaults, TinyWorld
from tests.measurements.agreements.making import CARD
from tests.measurements.definitions.random_definitions import KINDS, THEIR_NAMES, Fields, drawn, told
from tests.measurements.definitions.test_definitions import ping
from tests.rehearsing import EPOCH

pytestmark = pytest.mark.acceptance("orchestration.5")
FACTS = ("cannot be resolved", "not covered by our network", "do not exist", "does not exist")
MANY = Limits(10**6, 10**6, 10**6, 10**9, 10**9, 10**12, strangers={})
HERE: Fields = {"type": "country", "value": "TJ", "requested": 3}
OURS = {theirs: ours for ours, theirs in THEIR_NAMES.items()}
SAID_ELSEWHERE = {"description", "tags", "is_public"}
"""Of a definition, and in a card elsewhere or not at all."""
VALUES = st.one_of(
    st.sampled_from([-1, 0, 1, 2, 16, 17, 59, 60, 64, 65, 255, 256, 511, 512, 1024, 1025, 2048, 2049, 4096, 4097]),
    st.sampled_from([30_000, 30_001, 60_000, 60_001, 65_535, 65_536, 300_000, 300_001, 604_800, 604_801, 10**40]),
    st.sampled_from(["", " ", ".", "a b", "<", ">", "a" * 64, "a" * 65, "x" * 254, "x" * 255, "x.", ".."]),
    st.sampled_from(["UDP", "tcp", "yes", "7", "IN", "ANY", "AXFR", "2001:7fd::1"]),
    st.sampled_from(["a." * 127, "é" * 64, "$p" * 20, "$r." * 14, r"\300"]),
    st.booleans(),
    st.text(max_size=70),
    st.integers(),
)
PLACES = st.integers(0, 2**32 - 1)


def refused(*definitions: Fields, probes: list[Fields] | None = None, **root: Any) -> set[str]:
    """Where the rehearsal finds a rule broken; nowhere where it accepts, or where only facts are against it."""
    platform = Platform(TinyWorld(), NoFaults(), lambda: EPOCH, limits=MANY)
    body = {"definitions": list(definitions), "probes": probes or [HERE], **root}
    try:
        create(platform, DEMONSTRATION_KEYS[DEMONSTRATION_KEY], body, EPOCH)
    except Refused as refusal:
        assert not platform.records.all()
        broken = [one for one in refusal.mistakes if not any(fact in one.detail for fact in FACTS)]
        return {str(one.pointer) for one in broken}
    return set()


def refused_here(kind: str, fields: Fields) -> str | None:
    """The field that a definition names; None where it is one."""
    try:
        KINDS[kind](**fields)
    except InvalidDefinition as error:
        return error.field
    return None


@settings(max_examples=1_000, deadline=None)
@given(PLACES, PLACES, VALUES)
def test_a_field_that_the_platform_refuses_is_refused_here_first(seed: int, place: int, value: Any) -> None:
    """One field of a definition that is fine is changed; what is accepted here goes through as it is sent."""
    kind, fields = drawn(random.Random(seed))  # noqa: S311 - not for secrets
    name = sorted(fields)[place % len(fields)]
    fields[name] = (value,) if name == "tags" else value
    theirs = {OURS.get(where.split("/")[3], where.split("/")[3]) for where in refused(told(kind, fields))}
    ours = refused_here(kind, fields)

    assert not theirs or ours in theirs, (kind, name, value, theirs)
    if ours is None:
        assert refused(sent(KINDS[kind](**fields))) == set()
    is_on_no_card = any(fields.get(one) for one in NOT_AGREED_ON.keys() - {name})  # it may be refused for that alone
    if ours == name and not is_on_no_card and name not in SAID_ELSEWHERE:
        assert told_of_card(kind, fields, name) == {_place_in_card(name)}


def sent(definition: Definition) -> Fields:
    """As it is told to the platform."""
    return definition_body(definition, Plan(definitions=(definition,), selections=(in_country("TJ", 3),), tag="tag"))


def told_of_card(kind: str, fields: Fields, changed: str) -> set[str]:
    """Where a card with it makes no sense, without what no card may say, unless that is what was changed."""
    listed = {name: fields[name] for name in ("target", "address_family", "interval_s")}
    parameters = {
        name: value
        for name, value in fields.items()
        if name not in {*listed, *SAID_ELSEWHERE, *(NOT_AGREED_ON.keys() - {changed})}
    }
    said = {name: value for name, value in parameters.items() if value is not None}
    try:
        read_card(CARD | {"measurements": [{**listed, "type": kind, "parameters": said}]})
    except InvalidCard as error:
        return {pointer for pointer, _ in error.problems}
    return set()


def _place_in_card(name: str) -> str:
    return f"/measurements/0{'' if name in ('target', 'address_family', 'interval_s') else '/parameters'}/{name}"


SELECTING = st.one_of(
    st.sampled_from(["", "WW", "ww", "TJ", "tj", "TJK", "T1", "central_asia", "Asia", "0", "1", "01", "4294967296"]),
    st.sampled_from(["AS1", "1,2", "1,,2", "1, 2", "00000000001", "2147483648", "10.0.0.0/8", "10.0.0.1/8", "::/0"]),
    st.text(max_size=20),
    st.integers(-1, 2**33).map(str),
)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(SelectedBy),
    SELECTING,
    st.integers(-3, 1_003),
    st.lists(st.text(st.characters(codec="utf-8"), max_size=70) | st.sampled_from(["system-ipv4-works", "a" * 65])),
)
def test_probes_that_the_platform_refuses_are_refused_here_first(
    by: SelectedBy, value: str, requested: int, tags: list[str]
) -> None:
    """By what, which, how many, and with which tags."""
    told_of = {"type": by.value, "value": value, "requested": requested, "tags": {"include": tags}}
    theirs = {where.split("/")[3] for where in refused(sent(ping()), probes=[told_of])}
    ours = None
    try:
        selection = ProbeSelection(by=by, value=value, requested=requested, include_tags=tuple(tags))
    except InvalidDefinition as error:
        ours = error.field
    else:
        assert refused(sent(ping()), probes=[source_body(selection)]) == set()

    places = {"include_tags" if one == "tags" else one for one in theirs}
    if requested > MOST_PROBES:
        places |= {"requested"}  # the platform says so as a quota, once all else is right
    assert not theirs or ours in places or places <= _refused_alone(by, value, requested, tags), (ours, theirs)


def _refused_alone(by: SelectedBy, value: str, requested: int, tags: list[str]) -> set[str]:
    """What is refused here with all else as it should be: one that is stricter here is told before the others."""
    fine: dict[str, Any] = {"by": SelectedBy.COUNTRY, "value": "TJ", "requested": 1}
    alone = ({"requested": requested}, {"by": by, "value": value}, {"include_tags": tuple(tags)})
    found = set()
    for said in alone:
        try:
            ProbeSelection(**fine | said)
        except InvalidDefinition as error:
            found.add(error.field)
    return found


STARTS = (None, EPOCH, EPOCH + 60, 2**32 - 1, 2**32, 2**40)
STOPS = (None, 0, EPOCH, EPOCH + 61, 2**32 - 1, 2**32)
COUNTS = ((0, 1), (1, 0), (0, 0), (100, 1), (101, 1), (1, 1_000), (1, 1_001))


@pytest.mark.parametrize(
    ("counts", "is_oneoff", "start_at", "stop_at"),
    [
        *(((1, 1), is_oneoff, start, stop) for is_oneoff in (False, True) for start in STARTS for stop in STOPS),
        *((counts, False, None, None) for counts in COUNTS),
    ],
)
def test_a_request_that_the_platform_refuses_is_refused_here_first(
    counts: tuple[int, int], *, is_oneoff: bool, start_at: int | None, stop_at: int | None
) -> None:
    """How many definitions and sources, and when."""
    n_definitions, n_selections = counts
    timing = {name: at for name, at in (("start_time", start_at), ("stop_time", stop_at)) if at is not None}
    probes = [{"type": "country", "value": "TJ", "requested": -1}] * n_selections
    body = {"definitions": [sent(ping())] * n_definitions, "probes": probes, "is_oneoff": is_oneoff, **timing}
    theirs = {"selections" if one == "probes" else one for one in _roots(body)}
    ours = None
    try:
        Plan(
            definitions=(ping(),) * n_definitions,
            selections=(ProbeSelection(by=SelectedBy.COUNTRY, value="TJ", requested=-1),) * n_selections,
            tag="a-tag", is_oneoff=is_oneoff, start_at=start_at, stop_at=stop_at,
        )  # fmt: skip
    except InvalidDefinition as error:
        ours = {"start_at": "start_time", "stop_at": "stop_time"}.get(error.field, error.field)

    if stop_at is not None and stop_at <= EPOCH and ours is None:
        return  # time is handed in with an intent, and whoever intends what is past is told so
    assert (ours in theirs) if theirs else ours is None, (ours, theirs)


def _roots(body: Fields) -> set[str]:
    platform = Platform(TinyWorld(), NoFaults(), lambda: EPOCH, limits=MANY)
    try:
        create(platform, DEMONSTRATION_KEYS[DEMONSTRATION_KEY], body, EPOCH)
    except Refused as refusal:
        return {str(one.pointer).split("/")[1] for one in refusal.mistakes}
    return set()
