"""What a DNS query asked: known by its message, else by the query itself, else by the name of what came back."""

from typing import Any

import pytest

from measurements.errors import UnreadableResult
from measurements.results.outcome import AnswerOutcome
from measurements.results.parsing import parse
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Answer, Dns
from tests.measurements.results.recordings import specimen


def answer_of(label: str, **changes: Any) -> Answer:
    """The only answer of a specimen."""
    detail = parse(specimen(label, **changes)).detail
    assert isinstance(detail, Dns)
    (answer,) = detail.answers
    return answer


def without_message(label: str) -> dict[str, Any]:
    """The body of a specimen as it would be with `include_abuf` false."""
    return {key: value for key, value in specimen(label)["result"].items() if key != "abuf"}


@pytest.mark.parametrize(
    ("label", "query_type", "query_class"),
    [("dns-type64", "TYPE64", "IN"), ("dns4-hostname-p1", "TXT", "CH"), ("dns-odd-opt", "TXT", "IN")],
)
def test_a_type_without_a_name_is_written_as_rfc_3597_has_it(label: str, query_type: str, query_class: str) -> None:
    """By whichever library the message was read."""
    answer = answer_of(label)

    assert (answer.query_type, answer.query_class) == (query_type, query_class)


@pytest.mark.parametrize("name", ["hostname.bind", "id.server.", "HOSTNAME.BIND"])
def test_an_identity_query_is_known_by_its_answer_where_there_is_no_message(name: str) -> None:
    """Names that exist in class CHAOS alone; whether the answer was NOERROR nobody knows."""
    body = {**without_message("dns4-hostname-p1"), "answers": [{"TYPE": "TXT", "NAME": name, "RDATA": ["ns1.x"]}]}
    answer = answer_of("dns4-hostname-p1", result=body)

    assert (answer.query_name, answer.query_type, answer.query_class) == (name.rstrip(".") + ".", "TXT", "CH")
    assert (answer.outcome, answer.rcode, answer.text) == (AnswerOutcome.ANSWER, None, "ns1.x")


def test_the_name_of_any_other_answer_tells_nothing_of_the_question() -> None:
    """It may have been reached by an alias, and its class does not show."""
    body = {"rt": 1.0, "size": 50, "answers": [{"TYPE": "TXT", "NAME": "example.net", "RDATA": ["x"]}]}

    assert answer_of("dns4-hostname-p1", result=body).query_name is None


HOSTNAME_QUERY = "sPIAAAABAAAAAAAACGhvc3RuYW1lBGJpbmQAABAAAw=="
"""hostname.bind. CH TXT, as a probe sends it."""


@pytest.mark.parametrize(
    ("label", "changes"),
    [
        ("dns4-hostname-p1", {"result": {"rt": 1.0, "size": 50}}),  # no message was asked for
        ("dns4-hostname-p1", {"result": {"rt": 1.0, "size": 12, "abuf": "sPKAAAAAAAAAAAAA"}}),  # it repeats no question
        ("dns-blackhole", {}),  # it never came
    ],
)
def test_the_query_itself_tells_what_was_asked(label: str, changes: dict[str, Any]) -> None:
    """Where the message does not, and the record holds the query (`qbuf`)."""
    answer = answer_of(label, qbuf=HOSTNAME_QUERY, **changes)

    assert (answer.query_name, answer.query_type, answer.query_class) == ("hostname.bind.", "TXT", "CH")


def test_a_query_that_cannot_be_read_tells_nothing() -> None:
    """The answer is no worse for it."""
    answer = answer_of("dns4-hostname-p1", qbuf="sPIA", result={"rt": 1.0, "size": 50})

    assert (answer.query_name, answer.outcome) == (None, AnswerOutcome.ANSWER)


@pytest.mark.parametrize("damage", ["A*AA", "AA\nAA", "AAA", "AA=A", "\u00c5AAA"])
def test_a_foreign_character_in_a_message_is_damage(damage: str) -> None:
    """Left out, as the standard library does by default, it would shift every bit that follows."""
    with pytest.raises(UnreadableResult) as caught:
        parse(specimen("dns4-soa-p1", result={"rt": 1.5, "abuf": damage}))

    assert caught.value.reason == QuarantineReason.WRONG_TYPE
