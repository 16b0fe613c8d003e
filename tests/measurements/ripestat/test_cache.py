"""What still holds is not asked again: routing for an hour, a country for a day, by the clock that is handed in."""

import pytest

from measurements.ripestat.cache import Cache
from measurements.ripestat.client import RipestatClient
from measurements.ripestat.endpoint import Endpoint
from measurements.ripestat.envelope import read_envelope
from measurements.ripestat.failures import ServerFailed, Unreadable
from measurements.ripestat.questions import Question, of_address, of_country, of_network
from measurements.units import DAY_S, HOUR_S
from tests.clocks import ManualClock
from tests.measurements.atlas.traps import Traps, answers
from tests.measurements.ripestat.envelopes import announced, body, country, network
from tests.measurements.ripestat.serving import COUNTRY, knowing, serving

ANSWER = read_envelope("it", body(network(["64500"])))


@pytest.mark.parametrize(
    ("question", "holds_s"),
    [(of_network(64500), HOUR_S), (of_address("192.0.2.1"), HOUR_S), (of_country("TJ", None), DAY_S)],
)
def test_an_answer_holds_as_long_as_its_kind(clock: ManualClock, question: Question, holds_s: int) -> None:
    cache = Cache(clock)
    cache.keep(question, ANSWER)

    clock.advance(holds_s - 1)
    assert cache.find(question) is ANSWER
    clock.advance(1)
    assert cache.find(question) is None


def test_another_question_has_another_answer(clock: ManualClock) -> None:
    cache = Cache(clock)
    cache.keep(of_country("TJ", None), ANSWER)

    assert cache.find(of_country("TJ", 1_795_478_400)) is None
    assert cache.find(of_country("KZ", None)) is None


def test_it_is_bounded_and_the_oldest_make_room(clock: ManualClock) -> None:
    cache = Cache(clock, most_bytes=3 * len(ANSWER.body))
    for asn in range(10):
        cache.keep(of_network(asn), ANSWER)

    assert [asn for asn in range(10) if cache.find(of_network(asn))] == [7, 8, 9]

    cache.keep(of_network(7), ANSWER)
    cache.keep(of_network(11), ANSWER)
    assert [asn for asn in range(12) if cache.find(of_network(asn))] == [7, 9, 11]


def test_what_is_larger_than_all_of_it_is_not_held(clock: ManualClock) -> None:
    cache = Cache(clock, most_bytes=10)
    cache.keep(of_network(1), ANSWER)

    assert cache.find(of_network(1)) is None


def test_the_client_asks_once_as_long_as_it_holds(clock: ManualClock) -> None:
    with serving(knowing(clock)) as served:
        client = RipestatClient(Endpoint(address=served.address), clock)
        for _ in range(3):
            client.country_resources(COUNTRY)
            client.announced_prefixes(64500)
        assert len(served.questions) == 2
        clock.advance(HOUR_S)
        client.country_resources(COUNTRY)
        client.announced_prefixes(64500)
        assert len(served.questions) == 3
        client.close()


def test_neither_failures_nor_what_cannot_be_read_are_held(client: RipestatClient, traps: Traps) -> None:
    traps.will(answers(200, country(asn=["odd"])), answers(200, announced("odd")), answers(200, announced()))

    with pytest.raises(Unreadable):
        client.country_resources(COUNTRY)
    with pytest.raises(Unreadable):
        client.announced_prefixes(64500)
    assert client.announced_prefixes(64500).prefixes == ()

    traps.replies.clear()
    traps.will(answers(500, b""))
    with pytest.raises(ServerFailed):
        client.network_info("192.0.2.1")
    traps.replies.clear()
    traps.will(answers(200, network(["64500"])))
    assert client.network_info("192.0.2.1").asns == (64500,)
