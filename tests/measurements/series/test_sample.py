"""Samples: what one result says, counted as written out here."""

from typing import Any

import pytest

from measurements.results.parsing import parse
from measurements.series.sample import Sample, Subject, is_possible_interception, samples_of, subject_of
from tests.measurements.results.recordings import specimen, specimens


def samples(label: str, **changes: Any) -> list[Sample]:
    """The samples of a specimen."""
    return samples_of(parse(specimen(label, **changes)))


def counts(label: str, **changes: Any) -> list[tuple[int, int, int, int]]:
    """Sent, received, success, and the number of RTTs, of each sample of a specimen."""
    return [(one.n_sent, one.n_received, one.n_success, len(one.rtts_ms)) for one in samples(label, **changes)]


def test_a_ping_is_one_sample_of_its_packets() -> None:
    """RTTs ascending, whatever order they came in."""
    assert samples("ping-ok-v4") == [
        Sample(0, "192.0.2.10", 4, "ICMP", 3, 3, 3, (46.266899, 47.842055, 49.952818), None, None)
    ]


@pytest.mark.parametrize(
    ("label", "changes", "expected"),
    [
        ("ping-ok-v4", {"sent": 10}, (10, 3, 3, 3)),  # seven losses that left no entry
        ("ping-dup", {}, (6, 6, 6, 6)),  # nine duplicates are none of the replies
        ("ping-ifdown", {}, (4, 4, 4, 4)),  # four of eight never left the probe: no loss
        ("ping-ifdown", {"sent": 4}, (4, 4, 4, 4)),  # the platform left them out itself
        ("ping-no-network", {}, (0, 0, 0, 0)),
        ("ping-name-nx-4", {}, (0, 0, 0, 0)),
        ("ping-deny-10", {}, (0, 0, 0, 0)),
        ("ping-unreach-1", {}, (4, 0, 0, 0)),  # silence is loss, and has no RTT
        ("ping-0", {}, (0, 0, 0, 0)),
    ],
)
def test_what_a_ping_counts(label: str, changes: dict[str, Any], expected: tuple[int, ...]) -> None:
    """A send error is neither loss nor reply, and nothing sent is no loss."""
    assert counts(label, **changes) == [expected]


def test_a_traceroute_that_arrived_is_one_path_with_its_length() -> None:
    """Its RTT is the median of the last hop: 44.741, 44.81 and 47.92."""
    assert samples("tr4-icmp-g1-p1") == [Sample(0, "192.0.2.10", 4, "ICMP", 1, 1, 1, (44.81,), 8, None)]


@pytest.mark.parametrize(
    ("label", "n_sent"),
    [
        ("tr6-icmp-unreach-7", 1),  # routers answered, the destination did not
        ("tr4-icmp-w30", 1),  # all answers came late
        ("tr4-icmp-nonet", 0),
        ("tr4-icmp-nx", 0),
        ("tr4-icmp-deny", 0),
    ],
)
def test_a_traceroute_that_did_not_arrive_has_no_rtt_and_no_length(label: str, n_sent: int) -> None:
    """The last router's RTT is not that of the destination."""
    (sample,) = samples(label)

    assert sample[4:] == (n_sent, 0, 0, (), None, None)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("dns4-soa-p1", (1, 1, 1, 1)),
        ("dns-odd-servfail", (1, 1, 0, 1)),  # an answer in time, and no success
        ("dns-odd-refused", (1, 1, 0, 1)),
        ("dns-a-nx-4", (1, 1, 0, 1)),
        ("dns-blackhole", (1, 0, 0, 0)),  # a time-out is a failure and has no response time
        ("dns-portclosedt", (1, 0, 0, 0)),
        ("dns-odd-garbage", (1, 1, 0, 0)),  # something came back; nobody can read it, so it answers nothing in no time
        ("dns-oddt-short", (1, 1, 0, 0)),
        ("dns-oddt-wrongid", (1, 1, 0, 0)),
        ("dns-nonet", (0, 0, 0, 0)),  # the query never left the probe
        ("dns-name-nx", (0, 0, 0, 0)),
        ("dns-deny", (0, 0, 0, 0)),
        ("dns4-soa-noabuf", (0, 1, 0, 1)),  # an answer whose RCODE nobody knows: neither success nor failure
    ],
)
def test_what_a_dns_query_counts(label: str, expected: tuple[int, ...]) -> None:
    """Success is NOERROR; what is unknown is missing."""
    assert counts(label) == [expected]


def test_answers_of_a_probes_resolvers_never_mix_with_those_of_the_target() -> None:
    """One sample for each resolver, the first of which stayed silent; the name asked for is no target."""
    first, second = samples("dns-resolv-p4-a")

    assert first == Sample(0, "probe-resolvers", 4, "UDP", 1, 0, 0, (), None, None)
    assert second._replace(rtts_ms=()) == Sample(1, "probe-resolvers", 4, "UDP", 1, 1, 1, (), None, None)
    assert len(second.rtts_ms) == 1


def test_resolvers_of_both_families_are_two_series() -> None:
    """Each sample has the family of its resolver, not of the first one."""
    resultset = specimen("dns-resolv-p1-a")["resultset"]
    v6 = {**resultset[0], "af": 6, "dst_addr": "2001:db8::53"}

    assert [one.address_family for one in samples("dns-resolv-p1-a", resultset=[resultset[0], v6])] == [4, 6]


def test_a_k_root_server_goes_by_one_name() -> None:
    """And tells its instance by NSID where it is not asked by name."""
    (sample,) = samples("dns4-soa-nsid")

    assert (sample.target, sample.instance, sample.protocol) == ("k-root", "ns2.nl-ams.k.ripe.net", "UDP")


@pytest.mark.parametrize(
    ("label", "changes", "instance"),
    [
        ("dns4-hostname-p1", {}, "ns1.nl-ams.k.ripe.net"),
        ("dns4-soa-p1", {}, None),  # not asked
        ("dns4-hostname-p1", {"result": ..., "error": {"timeout": 5000}}, None),  # nothing came back
        # A header that says REFUSED or NXDOMAIN, or that cannot be read; only the built-in's number tells the question.
        ("dns4-hostname-p1", {"msm_id": 10301, "result": {"rt": 1.28, "abuf": "sPKABQAAAAAAAAAA"}}, "no-identity"),
        ("dns4-hostname-p1", {"msm_id": 11301, "result": {"rt": 1.28, "abuf": "sPKAAwAAAAAAAAAA"}}, "no-identity"),
        ("dns4-hostname-p1", {"msm_id": 10301, "result": {"rt": 1.28, "abuf": "sPIAAAABAAAAAAAA"}}, "no-identity"),
        ("dns4-hostname-p1", {"msm_id": 10001, "result": {"rt": 1.28, "abuf": "sPKABQAAAAAAAAAA"}}, None),
        # The question repeated, REFUSED and without a record: hostname.bind CH TXT, version.bind CH TXT.
        (
            "dns4-hostname-p1",
            {"result": {"rt": 1.28, "abuf": "sPKABQABAAAAAAAACGhvc3RuYW1lBGJpbmQAABAAAw=="}},
            "no-identity",
        ),
        ("dns4-hostname-p1", {"result": {"rt": 1.28, "abuf": "sPKABQABAAAAAAAAB3ZlcnNpb24EYmluZAAAEAAD"}}, None),
        # Without the message: named in the answer, and an answer that names nothing to a query that asked.
        (
            "dns4-hostname-p1",
            {"result": {"rt": 1.0, "answers": [{"TYPE": "TXT", "NAME": "id.server", "RDATA": ["ns1.x"]}]}},
            "ns1.x",
        ),
        (
            "dns4-hostname-p1",
            {"qbuf": "sPIAAAABAAAAAAAACGhvc3RuYW1lBGJpbmQAABAAAw==", "result": {"rt": 1.0, "size": 31}},
            "no-identity",
        ),
    ],
)
def test_who_answered(label: str, changes: dict[str, Any], instance: str | None) -> None:
    """An identity query that is answered without an identity is a class of its own; any other says nothing."""
    (sample,) = samples(label, **changes)

    assert sample.instance == instance


def test_a_result_is_about_what_its_samples_are_about() -> None:
    """Whether or not it feeds any; of a resultset the first answer tells what the record does not."""
    for record in specimens():
        result = parse(record)
        first = samples_of(result)[0]
        family, protocol = result.address_family or first.address_family, result.protocol or first.protocol

        assert subject_of(result) == Subject(first.target, family, protocol)


FOREIGN = {"rt": 1.0, "answers": [{"TYPE": "TXT", "NAME": "id.server", "RDATA": ["cache7.isp"]}]}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"msm_id": 10301, "result": {"rt": 1.28, "abuf": "sPKABQAAAAAAAAAA"}}, True),
        ({"result": ..., "error": {"timeout": 5000}}, False),
        ({"result": FOREIGN}, True),
        ({"dst_addr": "192.0.2.1", "result": FOREIGN}, False),
    ],
)
def test_who_answers_for_k_root_under_another_name_is_suspected(changes: dict[str, Any], expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Silence is no answer, and servers elsewhere may be called what they like."""
    assert is_possible_interception(parse(specimen("dns4-hostname-p1", **changes))) is expected
