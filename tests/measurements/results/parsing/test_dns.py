"""DNS results: one answer per query, whatever became of it, and messages that Sagan loses or misreads."""

import base64
from typing import Any

import pytest

from measurements.errors import UnreadableResult
from measurements.results.outcome import AnswerOutcome, Outcome
from measurements.results.parsing import parse
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Answer, Dns, Result
from tests.measurements.results.recordings import specimen

MALFORMED = AnswerOutcome.MALFORMED


def answers_of(result: Result) -> tuple[Answer, ...]:
    """The answers of a DNS result."""
    assert isinstance(result.detail, Dns)
    return result.detail.answers


def answer_of(label: str, **changes: Any) -> Answer:
    """The only answer of a specimen."""
    (answer,) = answers_of(parse(specimen(label, **changes)))
    return answer


def test_an_answer_of_k_root() -> None:
    """Everything that is read of an answer."""
    answer = answer_of("dns4-soa-nsid")

    assert answer._replace(response_time_ms=None) == Answer(
        resolver="193.0.14.129",
        outcome=AnswerOutcome.ANSWER,
        response_time_ms=None,
        rcode="NOERROR",
        is_authoritative=True,
        nsid="ns2.nl-ams.k.ripe.net",
        text=None,
        soa_serial=2026112302,
        size_bytes=128,
        protocol="UDP",
        address_family=4,
        query_name=".",
        query_type="SOA",
        query_class="IN",
        is_sent=True,
        error=None,
    )


def test_response_times_are_as_the_probe_wrote_them() -> None:
    """Sagan rounds them to three decimals."""
    body = {**specimen("dns4-hostname-p1")["result"], "rt": 36.2170004}

    assert answer_of("dns4-hostname-p1", result=body).response_time_ms == 36.2170004


def test_an_identity_query_is_known_by_its_question() -> None:
    """Name, type and class come from the message, since the record does not say what was asked."""
    answer = answer_of("dns4-hostname-p1")

    assert (answer.query_name, answer.query_type, answer.query_class) == ("hostname.bind.", "TXT", "CH")
    assert answer.text == "ns1.nl-ams.k.ripe.net"


@pytest.mark.parametrize(
    ("label", "outcome", "answer_outcome", "is_sent"),
    [
        ("dns-blackhole", Outcome.NO_REPLY, AnswerOutcome.TIMEOUT, True),
        ("dns-portclosedt", Outcome.NO_REPLY, AnswerOutcome.NETWORK_ERROR, True),
        ("dns-oddt-reset", Outcome.NO_REPLY, AnswerOutcome.NETWORK_ERROR, True),
        ("dns-dot-noserver", Outcome.NO_REPLY, AnswerOutcome.NETWORK_ERROR, True),
        ("dns-oddt-wrongid", Outcome.MALFORMED, MALFORMED, True),
        ("dns-oddt-short", Outcome.MALFORMED, MALFORMED, True),
        ("dns-nonet", Outcome.SEND_ERROR, AnswerOutcome.NETWORK_ERROR, False),
        ("dns-nonett", Outcome.SEND_ERROR, AnswerOutcome.NETWORK_ERROR, False),
        ("dns-longlabel", Outcome.SEND_ERROR, AnswerOutcome.NETWORK_ERROR, False),
        ("dns-name-nx", Outcome.RESOLUTION_FAILED, AnswerOutcome.NETWORK_ERROR, False),
        ("dns-name-nxt", Outcome.RESOLUTION_FAILED, AnswerOutcome.NETWORK_ERROR, False),
        ("dns-resolv-p7-a", Outcome.RESOLUTION_FAILED, AnswerOutcome.NETWORK_ERROR, False),
        ("dns-deny", Outcome.NOT_ALLOWED, AnswerOutcome.NETWORK_ERROR, False),
        ("dns-name-privt", Outcome.NOT_ALLOWED, AnswerOutcome.NETWORK_ERROR, False),
    ],
)
def test_a_failed_query_is_one_answer(
    label: str,
    outcome: Outcome,
    answer_outcome: AnswerOutcome,
    is_sent: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """It says whether a query left the probe; of a directed one Sagan makes no response at all."""
    result = parse(specimen(label))
    (answer,) = answers_of(result)

    assert result.outcome is outcome
    assert (answer.outcome, answer.is_sent) == (answer_outcome, is_sent)
    assert answer.error == result.error


def test_an_error_is_told_as_the_probe_put_it() -> None:
    """With its kind, and with all kinds where there are several."""
    several = {"TCPREADSIZE": "reply too small, got 0", "TCPREAD": "expected 2 bytes and got 1"}

    assert answer_of("dns-blackhole").error == "timeout: 5000"
    assert answer_of("dns-name-privt").error == "TU_BAD_ADDR: true"
    assert answer_of("dns-blackhole", error=several).error == (
        "TCPREADSIZE: reply too small, got 0; TCPREAD: expected 2 bytes and got 1"
    )


def test_an_unknown_kind_of_error_counts_as_not_sent() -> None:
    """Rather no number than a wrong one."""
    result = parse(specimen("dns-blackhole", error={"NEWKIND": 1}))

    assert (result.outcome, answers_of(result)[0].is_sent) == (Outcome.SEND_ERROR, False)


def test_errors_inside_a_set_are_kept_in_order() -> None:
    """Sagan reports neither; the second resolver answered."""
    result = parse(specimen("dns-resolv-p4-a"))
    first, second = answers_of(result)

    assert (first.resolver, first.outcome, first.error) == ("203.0.113.53", AnswerOutcome.TIMEOUT, "timeout: 5000")
    assert (second.resolver, second.outcome, second.rcode) == ("198.51.100.53", AnswerOutcome.ANSWER, "NOERROR")
    assert (result.outcome, result.error) == (Outcome.REPLY, "timeout: 5000")
    assert isinstance(result.detail, Dns)
    assert result.detail.is_by_probe_resolver


def test_an_address_left_over_from_the_resolver_before_is_not_used() -> None:
    """The probe writes the new resolver's name, but still the old address and family."""
    first = {"subid": 1, "af": 6, "dst_addr": "2001:db8::1", "proto": "TCP", "error": {"timeout": 5000}}
    second = {**first, "subid": 2, "dst_name": "192.168.0.254", "error": {"TU_BAD_ADDR": True}}
    answers = answers_of(parse(specimen("dns-resolv-p4-a", resultset=[first, second])))

    assert [(answer.resolver, answer.address_family) for answer in answers] == [
        ("2001:db8::1", 6),
        ("192.168.0.254", 4),
    ]


def test_a_name_that_is_the_address_in_another_spelling_is_no_other_resolver() -> None:
    """The address as the probe wrote it is kept."""
    entry = {"dst_name": "2001:DB8:0::1", "dst_addr": "2001:db8::1", "af": 6, "proto": "TCP", "error": {"timeout": 5}}
    (answer,) = answers_of(parse(specimen("dns-resolv-p4-a", resultset=[entry])))

    assert (answer.resolver, answer.address_family) == ("2001:db8::1", 6)


def test_a_record_with_a_result_and_a_set_is_read_as_a_set() -> None:
    """The responses that Sagan makes of both are not mixed up."""
    resultset = specimen("dns-resolv-p1-a")["resultset"]
    wanted = answers_of(parse(specimen("dns-resolv-p1-a")))

    assert answers_of(parse(specimen("dns-odd-refused", resultset=resultset))) == wanted


@pytest.mark.parametrize(
    ("label", "rcode", "text", "nsid"),
    [
        ("dns-odd-opt", "NOERROR", "ok", "bin\\000\\255id"),  # an identity that is not ASCII: Sagan loses all
        ("dns-odd-optmid", "NOERROR", "ok", "abc"),  # two OPT records: Sagan keeps the last
        ("dns-odd-trailing", "NOERROR", "ok", None),  # Sagan takes what follows the message for an error
        ("dns-odd-unkclass", "NOERROR", "ok", None),  # Sagan reads TXT of two classes only
        ("dns-odd-zerotxt", "NOERROR", "", None),
        ("dns-odd-emptytxt", "NOERROR", "", None),
        ("dns-odd-mixed", "NOERROR", "after-a", None),  # the first TXT, not the first answer
        ("dns-odd-multi", "NOERROR", "rr0 second", None),  # the strings of the first record only
        ("dns-odd-quote", "NOERROR", 'say "hi" \\092 back tab\\009nl\\010nul\\000del\\127', None),
        ("dns-odd-badvers", "BADVERS", None, None),  # the upper bits stand in the OPT record
        ("dns-odd-rcode15", "15", None, None),
        ("dns-odd-hdronly", "NOERROR", None, None),
    ],
)
def test_odd_messages_are_read(label: str, rcode: str, text: str | None, nsid: str | None) -> None:
    """What an odd server says, for as long as it is a DNS response."""
    answer = answer_of(label)

    assert answer.outcome is AnswerOutcome.ANSWER
    assert (answer.rcode, answer.text, answer.nsid) == (rcode, text, nsid)


@pytest.mark.parametrize(
    "label",
    [
        *("dns-odd-hdrlie", "dns-odd-garbage", "dns-odd-cut", "dns-odd-badrdlen", "dns-odd-loop", "dns-odd-fwdptr"),
        *("dns-odd-txtlie", "dns-odd-noqr", "dns-odd-soacut"),
    ],
)
def test_what_nobody_can_read_is_malformed(label: str) -> None:
    """Of some of these Sagan reads a text or a serial all the same."""
    result = parse(specimen(label))

    assert (result.outcome, answers_of(result)[0].outcome) == (Outcome.MALFORMED, MALFORMED)
    assert answers_of(result)[0].error == "unreadable DNS message"
    assert answers_of(result)[0].soa_serial is None


@pytest.mark.parametrize("label", ["dns-odd-trunccut", "dns-odd-huge"])
def test_a_message_known_to_be_cut_is_an_answer(label: str) -> None:
    """The server said so (TC), or the probe kept the beginning only: the header tells how it went."""
    answer = answer_of(label)

    assert (answer.outcome, answer.rcode, answer.text) == (AnswerOutcome.ANSWER, "NOERROR", None)


def test_a_message_of_no_bytes_is_malformed() -> None:
    """It is a message, but not one that anybody can read."""
    assert answer_of("dns4-soa-p1", result={"rt": 1.5, "size": 0, "abuf": ""}).outcome is MALFORMED


def test_a_client_subnet_does_not_destroy_the_message() -> None:
    """Sagan divides where it should round, and loses RCODE and identity (RFC 7871)."""
    subnet = bytes.fromhex("0008 0007 0001 18 00 c00002".replace(" ", ""))
    opt = b"\x00\x00\x29\x04\xd0\x00\x00\x00\x00" + len(subnet).to_bytes(2, "big") + subnet
    wire = bytes.fromhex("b0f284030000000000000001") + opt
    body = {"rt": 36.2, "size": len(wire), "abuf": base64.b64encode(wire).decode()}

    assert answer_of("dns4-soa-ecs", result=body).rcode == "NXDOMAIN"


def test_without_the_message_the_probes_own_excerpt_is_read() -> None:
    """Sagan does not show it; the RCODE nobody knows."""
    host, soa = answer_of("dns4-host-noabuf"), answer_of("dns4-soa-noabuf")

    assert (host.outcome, host.rcode, host.text) == (AnswerOutcome.ANSWER, None, "ns1.nl-ams.k.ripe.net")
    assert (soa.soa_serial, soa.text) == (2026112302, None)


def test_the_excerpt_is_read_like_the_message() -> None:
    r"""The probe writes quotes as `\034`; text is in one form whatever it was read from. Old firmware gave no list."""
    body = {key: value for key, value in specimen("dns-odd-quote")["result"].items() if key != "abuf"}
    plain = {"rt": 1.0, "size": 50, "answers": [{"TYPE": "TXT", "RDATA": "old"}]}

    assert answer_of("dns-odd-quote", result=body).text == answer_of("dns-odd-quote").text
    assert answer_of("dns-odd-quote", result=plain).text == "old"


def test_the_record_is_not_changed() -> None:
    """Sagan moves `qbuf` into the result."""
    record = specimen("dns4-soa-qbuf")
    parse(record)

    assert record == specimen("dns4-soa-qbuf")


def test_a_name_may_stand_in_two_places() -> None:
    """UDP results call it `name`, TCP results `dst_name`."""
    assert parse(specimen("dns-name-k")).target == "k.root-servers.net"
    assert parse(specimen("dns-name-kt")).target == "k.root-servers.net"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"result": ...}, QuarantineReason.NO_RESULT_BODY),
        ({"result": None}, QuarantineReason.NO_RESULT_BODY),
        ({"result": []}, QuarantineReason.WRONG_TYPE),
        ({"resultset": []}, QuarantineReason.NO_RESULT_BODY),
        ({"resultset": "x"}, QuarantineReason.WRONG_TYPE),
        ({"resultset": [None]}, QuarantineReason.WRONG_TYPE),
        ({"resultset": [{"subid": 1}]}, QuarantineReason.NO_RESULT_BODY),
        ({"result": ..., "error": "timeout"}, QuarantineReason.WRONG_TYPE),
        ({"result": ..., "error": {"timeout": []}}, QuarantineReason.WRONG_TYPE),
        ({"result": {"rt": "1.5", "abuf": "AAAA"}}, QuarantineReason.WRONG_TYPE),
        ({"result": {"rt": -1.5, "abuf": "AAAA"}}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"result": {"rt": 1.5, "abuf": 7}}, QuarantineReason.WRONG_TYPE),
        ({"result": {"rt": 1.5, "abuf": "A"}}, QuarantineReason.WRONG_TYPE),
        ({"result": {"rt": 1.5, "size": -1}}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"result": {"rt": 1.5, "answers": {}}}, QuarantineReason.WRONG_TYPE),
        ({"result": {}}, QuarantineReason.NO_RESULT_BODY),
        ({"result": {"rt": 1.5, "answers": {"a": 1}}}, QuarantineReason.WRONG_TYPE),
        ({"result": {"rt": 1.5, "answers": [{"TYPE": "TXT", "RDATA": 5}]}}, QuarantineReason.WRONG_TYPE),
        ({"result": {"rt": 1.5, "answers": [{"TYPE": "SOA", "SERIAL": 2**32}]}}, QuarantineReason.IMPOSSIBLE_VALUE),
        ({"proto": 17}, QuarantineReason.WRONG_TYPE),
    ],
)
def test_damage_is_not_turned_into_an_answer(changes: dict[str, Any], reason: QuarantineReason) -> None:
    """A record that is not shaped like a DNS result is put aside."""
    with pytest.raises(UnreadableResult) as caught:
        parse(specimen("dns4-soa-p1", **changes))

    assert caught.value.reason == reason
