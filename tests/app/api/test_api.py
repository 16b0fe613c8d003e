"""What the API answers about the laboratory's recording."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.main import create_app
from app.settings import Settings
from tests.ingesting import StillClock, ingest, write_lines

LABORATORY = {"label": "laboratory"}
PROBLEM = "application/problem+json"


def test_series_says_what_its_values_rest_on(client: TestClient) -> None:
    """Six probes in four networks: a value with its interval, its n, and what is missing."""
    answer = client.get("/api/v1/series", params={"metric": "rtt_median_ms", "address_family": 4, **LABORATORY}).json()

    (row,) = answer["rows"]
    assert (row["bin_at"], row["n_probes"], row["n_asns"], row["label"]) == ("2026-11-23T22:00:00Z", 6, 4, "laboratory")
    assert row["ci_low"] < row["value"] < row["ci_high"]
    assert row["n_received"] <= row["n_expected"]
    assert 0.9 < row["completeness"] < 1


def test_series_says_what_was_not_measured_on_the_internet(client: TestClient) -> None:
    """Whoever copies figures of the laboratory cannot have missed what they are."""
    notes = client.get("/api/v1/series", params={"metric": "loss", **LABORATORY}).json()["notes"]

    assert notes == ["laboratory data: nothing here was measured on the Internet"]


def test_holdings_say_in_which_hours_results_lie(client: TestClient) -> None:
    """The recording began at 22:05 and ended at 22:30: one bin."""
    (target,) = client.get("/api/v1/targets").json()["targets"]

    bins = {(holding["first_bin_at"], holding["last_bin_at"]) for holding in target["holdings"]}
    assert bins == {("2026-11-23T22:00:00Z", "2026-11-23T22:00:00Z")}


def test_labels_are_never_mixed(client: TestClient) -> None:
    """Nothing was measured here, and the default asks for what was measured."""
    assert client.get("/api/v1/series", params={"metric": "loss"}).json()["rows"] == []
    assert client.get("/api/v1/results").json()["results"] == []


def test_results_are_the_newest_first(client: TestClient) -> None:
    """In the order of when they were measured."""
    results = client.get("/api/v1/results", params={"limit": 1000, **LABORATORY}).json()["results"]

    instants = [result["measured_at"] for result in results]
    assert instants == sorted(instants, reverse=True)


def test_results_say_what_their_type_calls_for(client: TestClient) -> None:
    """The fields of a ping, a traceroute and a DNS result."""
    fields = {
        "ping": {"n_sent", "n_received", "n_duplicates", "rtt_min_ms", "rtt_mean_ms", "rtt_median_ms", "rtt_max_ms"},
        "traceroute": {"is_destination_reached", "hop_count", "last_rtt_ms", "hops"},
        "dns": {"answers"},
    }
    result: dict[str, Any] = {}
    for name, expected in fields.items():
        (result,) = client.get("/api/v1/results", params={"type": name, "limit": 1, **LABORATORY}).json()["results"]
        common = {"atlas_id", "probe_id", "measured_at", "type", "address_family", "outcome", "label"}
        assert result.keys() >= expected | common
    answer = result["answers"][0]
    assert answer.keys() >= {
        "resolver", "outcome", "response_time_ms", "rcode", "is_authoritative", "nsid", "text", "soa_serial",
        "size_bytes", "protocol",
    }  # fmt: skip


def test_one_result_stands_beside_its_record(client: TestClient) -> None:
    """Parsed and raw, and from where it came."""
    (listed,) = client.get("/api/v1/results", params={"limit": 1, **LABORATORY}).json()["results"]

    shown = client.get(f"/api/v1/results/{listed['id']}").json()

    assert listed.items() <= {**shown, **shown.get("result", {})}.items()
    assert shown["raw"]["msm_id"] == listed["atlas_id"]


def test_unknown_filter_is_refused_with_the_known_ones(client: TestClient) -> None:
    """A misspelt filter must not silently widen an answer."""
    answer = client.get("/api/v1/results", params={"probes": 1})

    assert (answer.status_code, answer.headers["content-type"]) == (400, PROBLEM)
    assert answer.json()["errors"][0]["parameter"] == "probes"
    assert "probe_id" in answer.json()["detail"]


def test_bad_values_and_places_are_problems(client: TestClient) -> None:
    """400, 404 and 405 in one form."""
    for path, status in (
        ("/api/v1/series?metric=speed", 400),
        ("/api/v1/series?metric=loss&from=yesterday", 400),
        ("/api/v1/results?cursor=x", 400),
        ("/api/v1/results/999999", 404),
        ("/nowhere", 404),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (status, PROBLEM), path
    assert client.post("/api/v1/results").status_code == 405


def test_quarantine_shows_text_and_reason(client: TestClient) -> None:
    """The records that nobody can read, with words for anybody."""
    entries = client.get("/api/v1/quarantine").json()["records"]

    assert {entry["reason"] for entry in entries} == {"truncated", "not_a_result"}
    assert all(entry["explanation"] and entry["text"] for entry in entries)
    assert {(entry["data_class"], entry["agreement_id"]) for entry in entries} == {("public", None)}


def test_health_and_telemetry(client: TestClient) -> None:
    """Alive, ready, and counted for Prometheus."""
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").json()["status"] == "ready"
    assert b"rasad_" in client.get("/metrics").content


def test_an_answer_from_somebody_else_is_flagged(
    database_url: str, open_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    """K-root's address answered under a name that is none of K-root's: kept, and marked as a possible interception."""
    foreign = {
        "fw": 5020, "msm_id": 10301, "prb_id": 6001, "timestamp": 1795471600, "type": "dns", "af": 4,
        "dst_addr": "193.0.14.129", "proto": "UDP",
        "result": {"rt": 1.2, "size": 50, "answers": [{"TYPE": "TXT", "NAME": "hostname.bind", "RDATA": ["cache7"]}]},
    }  # fmt: skip
    ingest(open_engine(database_url), write_lines(tmp_path / "foreign.ndjson", [json.dumps(foreign).encode()]))

    with TestClient(create_app(Settings(database_url=database_url), StillClock())) as client:
        (listed,) = client.get("/api/v1/results").json()["results"]
        rows = client.get("/api/v1/series", params={"metric": "instance_share", "scope": "probe"}).json()["rows"]

    assert listed["flags"] == ["possible_interception"]
    assert [(row["instance"], row["value"], row["flags"]) for row in rows] == [
        ("cache7", 1.0, ["possible_interception"])
    ]
