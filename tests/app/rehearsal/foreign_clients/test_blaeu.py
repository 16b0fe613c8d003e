"""blaeu's three programs, before a rehearsal: what they count is what was measured, as the API tells it raw."""

import re

import pytest

from tests.app.rehearsal.foreign_clients.bench import K_ROOT, Bench, lines_with, number_in
from tests.app.rehearsal.foreign_clients.shown import answers_of_blaeu, hops_of_blaeu, packets_of_blaeu

pytestmark = pytest.mark.acceptance("atlas.2")


def test_blaeu_reaches(bench: Bench) -> None:
    """It counts packets, over all probes."""
    said = bench.said("reach")
    counts = packets_of_blaeu(bench.results(number_in(said)))
    assert f"Measurement #{number_in(said)} to {K_ROOT} uses 5 probes" in said
    assert "5 probes reported" in said
    told = re.search(r"Tests: (\d+) successful .* (\d+) errors .* (\d+) timeouts .* average RTT: (\d+) ms", said)
    assert told
    assert [int(each) for each in told.groups()] == list(counts.values())
    assert counts["came"] > 0


def test_blaeu_reads_an_older_measurement(bench: Bench) -> None:
    """Without asking for a new one, machine-readable."""
    number = number_in(bench.said("measure ping"))
    counts = packets_of_blaeu(bench.results(number))
    fields = bench.run("blaeu-reach", "-b", "-m", str(number), K_ROOT).strip().split(",")
    assert fields[:3] == [K_ROOT, str(number), "4/4"]
    assert [int(each) for each in fields[4::2]] == list(counts.values())


def test_blaeu_resolves(bench: Bench) -> None:
    """It counts who answered, by name and by NSID."""
    said = bench.said("resolve")
    counts = answers_of_blaeu(bench.results(number_in(said)))
    assert lines_with("occurrences", said) == [f"[{answer}] : {count} occurrences" for answer, count in counts.items()]
    assert sum(counts.values()) == 5
    assert re.search(r'"(ns\d\.[a-z]{2}-[a-z]{3}\.k\.ripe\.net)" NSID: \1;', said)


def test_blaeu_resolves_by_the_resolvers_of_probes(bench: Bench) -> None:
    """The first resolver of each probe that answers."""
    said = bench.said("own resolvers")
    results = bench.results(number_in(said))
    answered = [result for result in results if any("result" in each for each in result["resultset"])]
    assert len(results) == 4
    assert lines_with("occurrences", said) == [f"[{K_ROOT}] : {len(answered)} occurrences"]


def test_blaeu_traces(bench: Bench) -> None:
    """Hop by hop, probe by probe."""
    said = bench.said("traceroute")
    expected = []
    for result in bench.results(number_in(said)):
        probe = [f"From: {result['from']}", f"Source address: {result['src_addr']}", f"Probe ID: {result['prb_id']}"]
        expected += [*probe, *map(" ".join, hops_of_blaeu(result))]
    told = said.partition("Results on")[2].splitlines()[1:]
    shown = [" ".join(re.sub(r"[][,']", " ", line).split()) for line in told]
    assert "3 probes reported" in said
    assert [line for line in shown if line] == expected
    assert len(expected) > 15
