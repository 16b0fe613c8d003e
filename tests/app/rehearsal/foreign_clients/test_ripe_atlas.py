"""`ripe-atlas`, before a rehearsal: what it prints is what was measured, as the API tells it raw."""

import json
import re

import pytest

from tests.app.rehearsal.foreign_clients.bench import DESCRIPTION, K_ROOT, Bench, lines_with, number_in
from tests.app.rehearsal.foreign_clients.shown import dig_lines, hops, message, ping_line, ping_statistics, text
from tests.app.rehearsal.world.worlds import EPOCH, quiet

pytestmark = pytest.mark.acceptance("atlas.2")


def test_ripe_atlas_pings(bench: Bench) -> None:
    """What the stream brought is what was stored."""
    said = bench.said("measure ping")
    results = bench.results(number_in(said))
    assert len(results) == 4
    assert sorted(lines_with("bytes from", said)) == sorted(map(ping_line, results))
    for line in ping_statistics(results):
        assert line in said


def test_ripe_atlas_traces(bench: Bench) -> None:
    """Every hop of every probe, with what was lost on the way."""
    said = bench.said("measure traceroute")
    shown: dict[str, list[list[str]]] = {}
    for block in said.split("Probe #")[1:]:
        lines = [line.replace(" ms", "").split() for line in block.splitlines() if re.match(r" *\d+ [\d*]", line)]
        shown[block.partition("\n")[0]] = lines
    assert len(shown) == 3
    assert shown == {str(result["prb_id"]): hops(result) for result in bench.results(number_in(said))}


def test_ripe_atlas_asks(bench: Bench) -> None:
    """The whole message, as a digger would show it."""
    said = bench.said("measure dns")
    results = {str(result["prb_id"]): result.get("result") for result in bench.results(number_in(said))}
    blocks = {block.partition("\n")[0]: block for block in said.split("Probe #")[1:]}
    assert len(blocks) == 3
    assert blocks.keys() == results.keys()
    assert any(results.values())
    for probe, answer in results.items():
        for line in dig_lines(answer) if answer else ["No response found"]:
            assert line in [" ".join(line.split()) for line in blocks[probe].splitlines()]


def test_ripe_atlas_finds_probes(bench: Bench) -> None:
    """By country, by network, by tag and by status."""
    probes = [each for each in quiet().probes(EPOCH) if each["country_code"] == "TJ"]
    said = bench.run("ripe-atlas", "probe-search", "--country", "TJ", "--limit", "50")
    rows = [line.split() for line in said.splitlines() if re.match(r"\d{7} ", line)]
    shown = [
        [probe["id"], probe["asn_v4"], probe["asn_v6"], "tj", *probe["status"]["name"].split()] for probe in probes
    ]
    assert rows == [["-" if value is None else str(value) for value in row] for row in shown]
    assert "Showing 20 of 20" in said
    for option, value, expected in [
        ("--asn", "64498", [9100007, 9100008, 9100009, 9100010]),
        ("--tag", "system-anchor", [9100000, 9100020, 9100023, 9100027, 9100032, 9100036, 9100040]),
        ("--status", "2", [9100013, 9100031]),
    ]:
        found = bench.run("ripe-atlas", "probe-search", option, value, "--ids-only")
        assert [int(each) for each in found.split()] == expected


def test_ripe_atlas_finds_measurements(bench: Bench) -> None:
    """Its own by their description, and built-ins by what they are."""
    own = sorted(number_in(bench.said(f"measure {kind}")) for kind in ("ping", "traceroute", "dns"))
    found = bench.run("ripe-atlas", "measurement-search", "--search", DESCRIPTION, "--ids-only")
    assert sorted(map(int, found.split())) == own
    built_in = ("--search", "built-in", "--type", "ping", "--af", "4", "--status", "ongoing")
    fields = [part for name in ("id", "type", "status", "target") for part in ("--field", name)]
    said = bench.run("ripe-atlas", "measurement-search", *built_in, *fields)
    assert [line.split() for line in lines_with("1001", said)] == [["1001", "ping", "Ongoing", "k.root-servers.net"]]
    assert "Showing 1 of 1" in said


def test_ripe_atlas_shows_a_measurement(bench: Bench) -> None:
    """With what was asked for, and what it fills in itself."""
    number = number_in(bench.said("measure ping"))
    said = bench.run("ripe-atlas", "measurement-info", str(number))
    shown = dict(re.split(r" {2,}", line, maxsplit=1) for line in said.splitlines())
    expected = {
        "ID": str(number), "Type": "Ping", "Description": DESCRIPTION, "Address Family": "4", "One-off?": "✔",
        "Target Name": K_ROOT, "Target ASN": "25152", "Interval": "-", "Probes Requested": "4",
        "Probes Scheduled": "4", "Participant Count": "4", "Resolved IPs": K_ROOT, "Packets": "3", "Size": "48",
    }  # fmt: skip
    assert expected.items() <= shown.items()
    assert shown["Status"] in ("Ongoing", "Stopped")
    assert shown["Created"].startswith("2026-11-19 00:0")


def test_ripe_atlas_reports(bench: Bench) -> None:
    """The latest of each probe, raw and by country."""
    number = number_in(bench.said("measure ping"))
    results = bench.results(number)
    said = bench.run("ripe-atlas", "report", str(number))
    assert sorted(lines_with("bytes from", said)) == sorted(map(ping_line, results))
    raw = bench.run("ripe-atlas", "report", str(number), "--renderer", "raw")
    assert sorted(raw.splitlines()) == sorted(json.dumps(each, separators=(",", ":")) for each in results)
    grouped = bench.run("ripe-atlas", "report", str(number), "--aggregate-by", "country").partition("COUNTRY_CODE: TJ")
    assert sorted(lines_with("bytes from", grouped[2])) == sorted(map(ping_line, results))


def test_ripe_atlas_reports_of_a_period(bench: Bench) -> None:
    """Of a built-in, for some probes."""
    period = ("--start-time", "2026-11-18T22:00:00", "--stop-time", "2026-11-18T22:30:00")
    said = bench.run("ripe-atlas", "report", "1001", "--probes", "9100001,9100008", *period)
    span = {"start": EPOCH - 7200, "stop": EPOCH - 5400, "probe_ids": "9100001,9100008"}
    results = bench.results(1001, **span)
    assert sorted(lines_with("bytes from", said)) == sorted(map(ping_line, results))
    assert len(results) >= 14
    told = bench.run("ripe-atlas", "report", "10301", "--probes", "9100008", "--renderer", "dns_compact", *period)
    asked = bench.results(10301, **{**span, "probe_ids": "9100008"})
    answers = [text(message(each["result"])) if "result" in each else "found" for each in asked]  # "No response found"
    assert [line.split()[-1] for line in told.splitlines()] == answers
