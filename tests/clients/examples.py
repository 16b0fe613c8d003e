"""Cousteau as its documentation shows it, with the platform's own addresses: nothing in here knows of a rehearsal.

`python examples.py NAME [KEY]` prints what the example found as one JSON text. It runs in the environment of the
clients that others wrote, by tests/app/rehearsal/foreign_clients.
"""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from ripe.atlas.cousteau import (
    AtlasCreateRequest,
    AtlasLatestRequest,
    AtlasResultsRequest,
    AtlasSource,
    AtlasStopRequest,
    AtlasStream,
    Dns,
    Measurement,
    MeasurementRequest,
    Ping,
    Probe,
    ProbeRequest,
    Traceroute,
)
from ripe.atlas.sagan import Result


def measure(key: str) -> Any:
    """Create a one-off ping, listen until three probes have answered, and fetch the same results."""
    ping = Ping(af=4, target="193.0.14.129", description="Cousteau's example")
    source = AtlasSource(type="country", value="TJ", requested=3)
    is_success, response = AtlasCreateRequest(key=key, measurements=[ping], sources=[source], is_oneoff=True).create()
    if not is_success:
        return response
    number = response["measurements"][0]
    stream = AtlasStream()
    stream.connect()
    stream.subscribe("result", msm=number, sendBacklog=True)
    streamed = []
    for name, payload in stream.iter(seconds=60):
        streamed += [payload] if name == "atlas_result" else []
        if len(streamed) == 3:
            break
    stream.disconnect()
    _, results = AtlasResultsRequest(msm_id=number).create()
    return {
        "id": number,
        "streamed": streamed,
        "results": results,
        "medians": [Result.get(r).rtt_median for r in results],
    }


def listen(_key: str) -> Any:
    """Bind a function to the results of a built-in measurement, and listen for some seconds."""
    heard: list[Any] = []
    stream = AtlasStream()
    stream.connect()
    stream.bind("atlas_result", heard.append)
    stream.subscribe("result", msm=1001)
    stream.timeout(seconds=8)
    stream.disconnect()
    return heard


def history(_key: str) -> Any:
    """Fetch what two probes were answered in an hour, and what was the latest answer of each."""
    hour = {"start": datetime(2026, 11, 18, 20, tzinfo=UTC), "stop": datetime(2026, 11, 18, 21, tzinfo=UTC)}
    _, results = AtlasResultsRequest(msm_id=10301, probe_ids=[9100001, 9100008], **hour).create()
    _, latest = AtlasLatestRequest(msm_id=10301, probe_ids=[9100001, 9100008]).create()
    parsed = [Result.get(result, on_error=Result.ACTION_IGNORE) for result in results]
    answers = [result.responses[0].abuf.answers[0].data[0] for result in parsed if not result.is_error]
    return {"results": results, "latest": latest, "answers": answers}


def look_up(_key: str) -> Any:
    """List probes and measurements by filters, and show one of each."""
    probes = ProbeRequest(return_objects=True, country_code="TJ", page_size=6)
    found = [[probe.id, probe.asn_v4, probe.status] for probe in probes]
    pings = [each["id"] for each in MeasurementRequest(type="ping", status=2, id__lt=10_000)]
    probe, measurement = Probe(id=9100000), Measurement(id=1001)
    return {
        "probes": found,
        "count": probes.total_count,
        "pings": pings,
        "probe": [probe.country_code, probe.asn_v4, probe.is_anchor, probe.geometry["coordinates"]],
        "measurement": [measurement.type, measurement.status, measurement.target, measurement.interval],
    }


def stop(key: str) -> Any:
    """Create a periodic traceroute and question, and stop both."""
    traceroute = Traceroute(af=4, target="193.0.14.129", description="way", protocol="ICMP", interval=900)
    question = {"query_class": "CHAOS", "query_type": "TXT", "query_argument": "hostname.bind"}
    dns = Dns(af=4, target="193.0.14.129", description="who", interval=300, **question)
    source = AtlasSource(type="area", value="WW", requested=4, tags={"include": ["system-ipv4-works"]})
    _, response = AtlasCreateRequest(key=key, measurements=[traceroute, dns], sources=[source]).create()
    numbers = response["measurements"]
    stopped = [AtlasStopRequest(msm_id=number, key=key).create() for number in numbers]
    found = [Measurement(id=number) for number in numbers]
    return {"stopped": stopped, "found": [[each.id, each.type, each.description, each.status] for each in found]}


EXAMPLES: dict[str, Callable[[str], Any]] = {
    example.__name__: example for example in (measure, listen, history, look_up, stop)
}

if __name__ == "__main__":
    json.dump(EXAMPLES[sys.argv[1]](sys.argv[2] if len(sys.argv) > 2 else ""), sys.stdout)
