"""Plain examples of Cousteau, before a rehearsal: what they find is what was measured, as the API tells it raw."""

import json

import pytest

from tests.app.rehearsal.foreign_clients.bench import Bench
from tests.app.rehearsal.foreign_clients.shown import message, rtt_median, text
from tests.app.rehearsal.world.worlds import EPOCH, quiet

pytestmark = pytest.mark.acceptance("atlas.2")


def test_cousteau_measures_and_streams(bench: Bench) -> None:
    """What `AtlasStream` brought is what can be fetched."""
    found = bench.example("measure")
    results = bench.results(found["id"])
    by_probe = sorted(results, key=lambda each: each["prb_id"])
    assert len(results) == 3
    assert found["results"] == results
    assert sorted(found["streamed"], key=lambda each: each["prb_id"]) == by_probe
    assert found["medians"] == [pytest.approx(rtt_median(each)) for each in results]


def test_cousteau_listens(bench: Bench) -> None:
    """A function that is bound hears each result of a built-in once."""
    heard = bench.example("listen")
    stored = [json.dumps(each, sort_keys=True) for each in bench.results(1001, start=EPOCH - 600)]
    listed = [json.dumps(each, sort_keys=True) for each in heard]
    assert len(listed) > 5
    assert len(set(listed)) == len(listed)
    assert set(listed) <= set(stored)


def test_cousteau_reads_what_was(bench: Bench) -> None:
    """Of an hour, and the latest; Sagan reads who answered."""
    found = bench.example("history")
    hour = bench.results(10301, start=EPOCH - 4 * 3600, stop=EPOCH - 3 * 3600, probe_ids="9100001,9100008")
    assert found["results"] == hour
    assert len(hour) >= 28
    assert found["answers"] == [text(message(each["result"])) for each in hour if "result" in each]
    assert [each["prb_id"] for each in found["latest"]] == [9100001, 9100008]
    assert all(each["timestamp"] > EPOCH - 600 for each in found["latest"])


def test_cousteau_looks_up(bench: Bench) -> None:
    """Lists over several pages, and single objects."""
    probes = [each for each in quiet().probes(EPOCH) if each["country_code"] == "TJ"]
    found = bench.example("look_up")
    assert found["probes"] == [[each["id"], each["asn_v4"], each["status"]["name"]] for each in probes]
    assert (found["count"], found["pings"]) == (20, [1001, 2001])
    assert found["probe"] == ["TJ", 64496, True, probes[0]["geometry"]["coordinates"]]
    assert found["measurement"] == ["ping", "Ongoing", "k.root-servers.net", 240]


def test_cousteau_stops(bench: Bench) -> None:
    """Both that it created, and each is told as asked for."""
    found = bench.example("stop")
    assert found["stopped"] == [[True, ""], [True, ""]]
    described = [each[1:] for each in found["found"]]
    assert described == [["traceroute", "way", "Stopped"], ["dns", "who", "Stopped"]]
