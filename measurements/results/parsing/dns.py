"""DNS results of every firmware: one answer per resolver, in the record's order, errors included.

Sagan decodes the messages. From the raw record come what it loses: errors inside a `resultset`, the
resolver that was asked where an earlier one's address was left over, and the unrounded response time.
"""

from typing import Any, NamedTuple

from ripe.atlas.sagan import DnsResult
from ripe.atlas.sagan import dns as sagan_dns

from measurements.errors import UnreadableResult
from measurements.results.outcome import AnswerOutcome, Outcome
from measurements.results.parsing.dns_failures import Failure, failure_of
from measurements.results.parsing.fields import count, duration, family, family_of, text, wrong_type
from measurements.results.parsing.heading import Heading
from measurements.results.parsing.message import octets_of, read_excerpt, read_message
from measurements.results.parsing.sagan import parse_with
from measurements.results.parsing.wire import NO_QUESTION, Question, read_question
from measurements.results.quarantine import QuarantineReason
from measurements.results.result import Answer, Dns, Result
from measurements.targets import normal_address

_PROTOCOLS = {"UDP": "UDP", "U": "UDP", "TCP": "TCP", "T": "TCP"}


class _Asked(NamedTuple):
    """Who was asked, how, and what, where the record says (`qbuf`)."""

    resolver: str | None
    protocol: str | None
    address_family: int | None
    question: Question


def read_dns(heading: Heading, record: dict[str, Any]) -> Result:
    """The result of a DNS record; raises `UnreadableResult`."""
    resultset = record.get("resultset")
    is_directed = resultset is None
    entries = [record] if is_directed else _listed(resultset)
    for entry in entries:
        _check(entry)
    responses = _responses(record, n=len(entries))
    answers: list[Answer] = []
    failures: list[Failure] = []
    for entry, response in zip(entries, responses, strict=True):
        asked = _asked_directly(entry, heading) if is_directed else _asked_in_set(entry)
        if entry.get("result") is not None:
            answers.append(_answered(asked, entry["result"], response))
        else:
            failures.append(failure_of(entry["error"]))
            answers.append(_unanswered(asked, failures[-1]))
    return Result(
        type="dns",
        atlas_id=heading.atlas_id,
        probe_id=heading.probe_id,
        measured_at=heading.measured_at,
        stored_at=heading.stored_at,
        address_family=heading.address_family,
        protocol=_protocol(record) or answers[0].protocol,
        target=heading.target,
        destination=heading.destination,
        outcome=_outcome(answers, failures),
        error="; ".join(dict.fromkeys(failure.text for failure in failures)) or None,
        is_clock_trusted=heading.is_clock_trusted,
        clock_age_s=heading.clock_age_s,
        firmware=heading.firmware,
        detail=Dns(answers=tuple(answers), is_by_probe_resolver=not is_directed),
    )


def _listed(resultset: Any) -> list[Any]:
    if type(resultset) is not list:
        raise wrong_type("resultset", resultset)
    if not resultset:
        raise UnreadableResult(QuarantineReason.NO_RESULT_BODY, "`resultset` is empty")
    return resultset


def _check(entry: Any) -> None:
    if type(entry) is not dict:
        raise wrong_type("resultset", entry)
    body = entry.get("result")
    if body is None and entry.get("error") is None:
        raise UnreadableResult(QuarantineReason.NO_RESULT_BODY, "neither `result` nor `error`")
    if body is not None and type(body) is not dict:
        raise wrong_type("result", body)
    if body is not None and "rt" not in body and "abuf" not in body:
        raise UnreadableResult(QuarantineReason.NO_RESULT_BODY, "neither `rt` nor `abuf`")


def _responses(record: dict[str, Any], n: int) -> list[Any]:
    """Sagan's responses, one for each of `n` entries: it makes none for a directed query without a result."""
    found = parse_with(DnsResult, record).responses
    return found[-n:] if found else [None] * n


def _asked_directly(record: dict[str, Any], heading: Heading) -> _Asked:
    resolver = heading.destination or heading.target
    return _Asked(resolver, _protocol(record), heading.address_family, _question(record))


def _asked_in_set(entry: dict[str, Any]) -> _Asked:
    """Who this entry is about: its name, where that differs from an address left over from the entry before."""
    name, address = text(entry, "dst_name"), text(entry, "dst_addr")
    if name and (not address or normal_address(name.lower()) != normal_address(address)):
        return _Asked(name, _protocol(entry), family_of(name), _question(entry))
    return _Asked(address, _protocol(entry), family(entry, address), _question(entry))


def _question(entry: dict[str, Any]) -> Question:
    return read_question(octets_of("qbuf", entry["qbuf"])) if "qbuf" in entry else NO_QUESTION


def _protocol(entry: dict[str, Any]) -> str | None:
    stated = text(entry, "proto")
    return _PROTOCOLS.get(stated) if stated else None


def _unanswered(asked: _Asked, failure: Failure) -> Answer:
    return Answer(
        resolver=asked.resolver,
        outcome=failure.answer_outcome,
        response_time_ms=None,
        rcode=None,
        is_authoritative=None,
        nsid=None,
        text=None,
        soa_serial=None,
        size_bytes=None,
        protocol=asked.protocol,
        address_family=asked.address_family,
        **asked.question._asdict(),
        is_sent=failure.is_sent,
        error=failure.text,
    )


def _answered(asked: _Asked, body: dict[str, Any], response: sagan_dns.Response | None) -> Answer:
    message = read_message(body, response) if "abuf" in body else read_excerpt(body)
    question = asked.question if message.query_name is None else message.question
    return Answer(
        resolver=asked.resolver,
        outcome=AnswerOutcome.ANSWER if message.is_readable else AnswerOutcome.MALFORMED,
        response_time_ms=duration("rt", body["rt"]) if "rt" in body else None,
        rcode=message.rcode,
        is_authoritative=message.is_authoritative,
        nsid=message.nsid,
        text=message.text,
        soa_serial=message.soa_serial,
        size_bytes=count(body, "size"),
        protocol=asked.protocol,
        address_family=asked.address_family,
        **question._asdict(),
        is_sent=True,
        error=None if message.is_readable else "unreadable DNS message",
    )


def _outcome(answers: list[Answer], failures: list[Failure]) -> Outcome:
    """The best that any resolver gave: an answer, else a malformed one, else the failure closest to the network."""
    kinds = {answer.outcome for answer in answers}
    if AnswerOutcome.ANSWER in kinds:
        return Outcome.REPLY
    if AnswerOutcome.MALFORMED in kinds:
        return Outcome.MALFORMED
    found = {failure.outcome for failure in failures}
    order = (Outcome.NO_REPLY, Outcome.SEND_ERROR, Outcome.RESOLUTION_FAILED, Outcome.NOT_ALLOWED)
    return next(outcome for outcome in order if outcome in found)
