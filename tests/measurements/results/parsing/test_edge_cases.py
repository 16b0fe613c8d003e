"""Every edge case of the laboratory has the outcome that its label and command call for, and so has each of its parts.

Of 1,068 runs 7 left no result. Seven more are exceptions to the rules, each explained. 14 runs over a lossy link
may have ended either way, and 9 pings are counted between bounds; everything else about those is held to the rules.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from measurements.results.instances import read_instance
from measurements.results.parsing import parse
from measurements.results.result import Answer, Dns, Ping, Result, Traceroute
from tests.measurements.results.parsing.commands import packets, query
from tests.measurements.results.parsing.expectations import CHANCE, EXCEPTIONS, NO_LINE, UNSTEADY, Expected, expected
from tests.measurements.results.recordings import edge_index, recordings, specimen, specimen_command, specimen_labels

Check = Callable[["EdgeCase"], str | None]


class EdgeCase(NamedTuple):
    """One run: what was provoked, and what we read in its result."""

    label: str
    command: str
    result: Result

    @property
    def wanted(self) -> Expected:
        """What was called for."""
        return expected(self.label, self.command)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """Of a DNS result."""
        return self.result.detail.answers if isinstance(self.result.detail, Dns) else ()


def wrong_outcome(case: EdgeCase) -> str | None:
    """The outcome is not the one called for."""
    wanted = case.wanted.outcomes
    return None if case.result.outcome in wanted else f"{case.result.outcome}, not {sorted(wanted)}"


def wrong_counts(case: EdgeCase) -> str | None:
    """A ping sent, or got back, another number of packets than its command and its outcome call for."""
    ping, asked = case.result.detail, packets(case.command)
    if not isinstance(ping, Ping):
        return None
    sent, received, lost = ping.n_sent, ping.n_received, ping.n_sent - ping.n_received - ping.n_send_errors
    if UNSTEADY.fullmatch(case.label):
        is_right = 0 < received <= sent <= asked and received + ping.n_duplicates <= asked and received < asked
    elif case.result.outcome == "reply":
        is_right = sent == asked and lost == 0 and (received == asked or "ifdown" in case.label)
    elif case.result.outcome == "no_reply":
        is_right = (sent, received, ping.n_send_errors) == (asked, 0, 0)
    else:
        is_right = sent - ping.n_send_errors == received == 0
    is_right &= (ping.n_duplicates > 0) == case.wanted.is_duplicated and len(ping.rtts_ms) == received
    return None if is_right else f"{asked} asked for: {ping}"


def wrong_path(case: EdgeCase) -> str | None:
    """A traceroute reached, or did not, against its label; after another number of hops; or was refused otherwise."""
    path, wanted = case.result.detail, case.wanted
    if not isinstance(path, Traceroute):
        return None
    replies = [reply for hop in path.hops for reply in hop.replies]
    is_reply = case.result.outcome == "reply"
    given = (path.is_destination_reached, path.hop_count) if is_reply else (False, None)
    if case.label in EXCEPTIONS:
        given = (given[0], wanted.hop_count)
    called_for = (wanted.is_reached, wanted.hop_count) if is_reply else (False, None)
    codes = {reply.error for reply in replies if reply.address and reply.error}
    found = (*given, codes, any(r.is_late for r in replies), any(r.is_duplicate for r in replies))
    due = (*called_for, {wanted.router_error} - {None}, wanted.is_late, wanted.is_duplicated)
    return None if found == due else f"{found}, not {due}"


def wrong_failure(case: EdgeCase) -> str | None:
    """Something failed that should not have, or did not as it should have."""
    error, wanted = case.result.error, case.wanted.failure
    if case.answers:
        if wanted is None:
            wanted = f"timeout: {query(case.command).timeout_ms}"
        wrong = [answer.error for answer in case.answers if _is_wrong_error(answer, wanted)]
        return f"{wrong}, not {wanted}" if wrong else None
    is_right = (error or "").startswith(wanted) if wanted else error is None
    return None if is_right else f"{error}, not {wanted}"


def _is_wrong_error(answer: Answer, wanted: str) -> bool:
    if answer.outcome == "answer":
        return answer.error is not None
    return not (answer.error or "").startswith((wanted, "timeout: ", "unreadable DNS message"))


def wrong_silence(case: EdgeCase) -> str | None:
    """A query was given up after another time than its command says, or counted as sent, or unsent, against its end."""
    timeout = f"timeout: {query(case.command).timeout_ms}" if case.answers else ""
    for answer in case.answers:
        is_unsent = case.result.outcome in ("send_error", "resolution_failed", "not_allowed")
        if answer.outcome == "timeout" and (answer.error != timeout or not answer.is_sent):
            return f"{answer.error}, not {timeout}"
        if is_unsent and answer.is_sent:
            return f"{answer.error} counts as sent"
    return None


def wrong_question(case: EdgeCase) -> str | None:
    """An answer is to another question than the command asks, over another protocol or address family."""
    for answer in case.answers:
        asked = query(case.command)
        if answer.protocol != asked.protocol:
            return f"over {answer.protocol}"
        if asked.address_family and answer.address_family not in (asked.address_family, None):
            return f"over IPv{answer.address_family}"
        said = (answer.query_name, answer.query_type, answer.query_class)
        if said != (None, None, None) and not _is_question(said, asked, case.label):
            return f"{said}, not {asked}"
    return None


def _is_question(said: tuple[str | None, ...], asked: Any, label: str) -> bool:
    if "otherq" in label:  # the server answers what it was not asked
        return said == ("other.name.", "A", "IN")
    name_is_right = said[0] == asked.name or (not asked.name and (said[0] or "").endswith(".wild.example.net."))
    return name_is_right and said[1:] == (asked.type, asked.klass)


def wrong_answer(case: EdgeCase) -> str | None:
    """A resolver too many or too few answered, with another RCODE, or another instance than serves this network."""
    wanted, answers = case.wanted, case.answers
    if not answers:
        return None
    if len(answers) != wanted.n_resolvers:
        return f"{len(answers)} resolvers, not {wanted.n_resolvers}"
    if wanted.is_first_dead and answers[0].outcome == "answer":
        return "the dead resolver answered"
    given = {answer.rcode for answer in answers if answer.outcome == "answer"}
    if given - {wanted.rcode} - wanted.other_rcodes:
        return f"{given}, not {wanted.rcode}"
    sites = {read_instance(answer.nsid or answer.text or "").site for answer in answers if wanted.instance}
    if sites - {wanted.instance}:
        return f"{sites}, not {wanted.instance}"
    is_asked = query(case.command).is_nsid_asked or wanted.is_nsid_unasked
    told = any(answer.nsid for answer in answers)
    return "an identity (NSID) that was not asked for" if told and not is_asked else None


CHECKS = (wrong_outcome, wrong_counts, wrong_path, wrong_failure, wrong_silence, wrong_question, wrong_answer)


def faults(cases: Iterator[EdgeCase]) -> list[str]:
    """Everything that the checks find, by label."""
    return [f"{case.label}: {fault}" for case in cases for check in CHECKS if (fault := check(case))]


def recorded_cases() -> Iterator[EdgeCase]:
    """All runs that left a result."""
    index = edge_index()
    for kind in ("ping", "traceroute", "dns"):
        for record in recordings(kind):
            if run := index.get(record["msm_id"]):
                yield EdgeCase(run["label"], run["command"], parse(record))


@pytest.mark.acceptance("spine.3")
def test_every_edge_case_has_the_outcome_its_label_calls_for(laboratory_recordings: Path) -> None:
    """1,068 runs; those without a result are the seven that the laboratory names."""
    assert laboratory_recordings.is_dir()
    runs = {run["label"] for run in edge_index().values()}
    cases = list(recorded_cases())

    assert faults(iter(cases)) == []
    assert len(edge_index()) == 1068
    assert runs - {case.label for case in cases} == NO_LINE
    assert sum(CHANCE.fullmatch(label) is not None for label in runs) == 14
    assert sum(UNSTEADY.fullmatch(label) is not None for label in runs) == 9


@pytest.mark.parametrize("label", specimen_labels())
def test_every_specimen_has_the_outcome_its_label_calls_for(label: str) -> None:
    """The same rules for the edge cases that are always at hand."""
    case = EdgeCase(label, specimen_command(label), parse(specimen(label)))

    assert faults(iter([case])) == []


def test_there_are_few_exceptions_and_each_is_explained() -> None:
    """At most ten situations are not what their label suggests."""
    assert len(EXCEPTIONS) <= 10
    assert all(len(reason.split()) > 1 for _, reason in EXCEPTIONS.values())


@pytest.mark.parametrize(
    ("check", "label", "changes"),
    [
        (wrong_outcome, "ping-ok-v4", {"sent": 3, "rcvd": 0, "result": [{"x": "*"}]}),
        (wrong_counts, "ping-ok-v4", {"sent": 4}),
        (wrong_counts, "ping-dup", {"dup": 0}),
        (wrong_counts, "ping-unreach-1", {"sent": 3}),
        (wrong_path, "tr4-icmp-g1-p1", {"dst_addr": "192.0.2.11"}),
        (wrong_path, "tr4-icmp-unreach-6", {"result": [{"hop": 1, "result": [{"from": "192.0.2.1", "rtt": 1.0}]}]}),
        (wrong_failure, "ping-badif", {"result": [{"error": "connect failed: Network is unreachable"}]}),
        (wrong_failure, "dns-portclosedt", {"error": {"TUCONNECT": "No route to host"}}),
        (wrong_silence, "dns-blackhole", {"error": {"timeout": 4000}}),
        (wrong_question, "dns4-soa-p1", {"proto": "TCP"}),
        (wrong_question, "dns-odd-refused", {"result": specimen("dns4-soa-p1")["result"]}),
        (wrong_answer, "dns-odd-refused", {"result": {"rt": 1.0, "abuf": "AACAAAAAAAAAAAAA"}}),
        (wrong_answer, "dns-resolv-p4-a", {"resultset": specimen("dns-resolv-p4-a")["resultset"][1:]}),
        (wrong_answer, "dns4-soa-p1", {"result": specimen("dns4-soa-nsid")["result"]}),
    ],
)
def test_each_check_can_fail(check: Check, label: str, changes: dict[str, Any]) -> None:
    """A record that says something else is noticed."""
    assert check(EdgeCase(label, specimen_command(label), parse(specimen(label, **changes)))) is not None
