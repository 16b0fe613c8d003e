"""Every edge case of the laboratory has the outcome that its label and command call for."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from measurements.results.parsing import parse
from measurements.results.result import Dns, Ping, Result, Traceroute
from tests.measurements.results.parsing.expectations import EXCEPTIONS, NO_LINE, UNSTEADY, expected, packets
from tests.measurements.results.recordings import edge_index, recordings, specimen, specimen_command, specimen_labels

Check = Callable[["EdgeCase"], str | None]


class EdgeCase(NamedTuple):
    """One run: what was provoked, and what we read in its result."""

    label: str
    command: str
    result: Result


def wrong_outcome(case: EdgeCase) -> str | None:
    """The outcome is not the one called for."""
    wanted = expected(case.label, case.command).outcomes
    return None if case.result.outcome in wanted else f"{case.result.outcome}, not {sorted(wanted)}"


def wrong_counts(case: EdgeCase) -> str | None:
    """A ping that reached the network did not count as many packets as its command asked for."""
    ping, asked = case.result.detail, packets(case.command)
    if not isinstance(ping, Ping) or case.result.outcome not in ("reply", "no_reply"):
        return None
    is_steady = not UNSTEADY.fullmatch(case.label)
    return f"{ping.n_sent} sent, not {asked}" if is_steady and ping.n_sent != asked else None


def wrong_path(case: EdgeCase) -> str | None:
    """A traceroute reached, or did not, against its label; or after another number of hops."""
    path, wanted = case.result.detail, expected(case.label, case.command)
    if not isinstance(path, Traceroute) or case.result.outcome != "reply":
        return None
    if path.is_destination_reached != wanted.is_reached:
        return f"reached: {path.is_destination_reached}"
    is_other = wanted.hop_count is not None and path.hop_count != wanted.hop_count
    return f"{path.hop_count} hops, not {wanted.hop_count}" if is_other else None


def wrong_rcode(case: EdgeCase) -> str | None:
    """A resolver that answered gave another RCODE."""
    dns, wanted = case.result.detail, expected(case.label, case.command).rcode
    if not isinstance(dns, Dns):
        return None
    given = {answer.rcode for answer in dns.answers if answer.outcome == "answer"}
    return f"{given}, not {wanted}" if given - {wanted} else None


CHECKS = (wrong_outcome, wrong_counts, wrong_path, wrong_rcode)


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
        (wrong_path, "tr4-icmp-g1-p1", {"dst_addr": "192.0.2.11"}),
        (wrong_rcode, "dns-odd-refused", {"result": {"rt": 1.0, "abuf": "AACAAAAAAAAAAAAA"}}),
    ],
)
def test_each_check_can_fail(check: Check, label: str, changes: dict[str, Any]) -> None:
    """A record that says something else is noticed."""
    assert check(EdgeCase(label, "evping -c 3", parse(specimen(label, **changes)))) is not None
