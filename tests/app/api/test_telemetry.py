"""What the service tells Prometheus: every request under its operation, and what is held."""

from collections import Counter

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from tests.app.api.laboratory import service_on
from tests.ingesting import StillClock

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
REQUESTS, RECORDS_ASIDE, SERIES = "rasad_http_requests_total", "rasad_records_aside", "rasad_series"
RETRIEVED, MEASURED = "rasad_last_retrieved_timestamp_seconds", "rasad_last_measured_timestamp_seconds"
NEWEST_MEASURED_AT = 1_795_473_049


def told(client: TestClient) -> Samples:
    """Every sample of `/metrics`, by its name and labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def of(samples: Samples, name: str) -> dict[frozenset[str], float]:
    """The samples of one name, by the values of their labels."""
    return {
        frozenset(value for _, value in labels): number for (found, labels), number in samples.items() if found == name
    }


def test_a_request_is_counted_under_its_operation_and_status(client: TestClient) -> None:
    """Never under its address, which has numbers and names in it; HEAD as the GET it is answered as."""
    asked = Counter(
        {
            ("/api/v1/results/1", "get_result", 200): 3,
            ("/api/v1/results/2", "get_result", 200): 2,
            ("/api/v1/results/999999", "get_result", 404): 1,
            ("/api/v1/results?speed=1", "get_results", 400): 2,
            ("/api/v1/targets", "get_targets", 200): 1,
        }
    )
    for (path, _, status), n in asked.items():
        for _ in range(n):
            assert client.get(path).status_code == status
    client.head("/api/v1/targets")
    client.get("/nowhere/1")
    client.post("/nowhere/2")
    samples = told(client)

    assert of(samples, REQUESTS) == {
        frozenset({"GET", "get_result", "200"}): 5,
        frozenset({"GET", "get_result", "404"}): 1,
        frozenset({"GET", "get_results", "400"}): 2,
        frozenset({"GET", "get_targets", "200"}): 2,
        frozenset({"other", "404"}): 2,
    }
    assert of(samples, "rasad_http_request_seconds_count")[frozenset({"GET", "get_result"})] == 6


def test_made_up_methods_make_no_counters(client: TestClient) -> None:
    """Else anybody could fill the memory of the service with them."""
    for method in ("POST", "MAKE", "UP"):
        client.request(method, "/api/v1/targets")

    assert of(told(client), REQUESTS) == {
        frozenset({"POST", "get_targets", "405"}): 1,
        frozenset({"other", "get_targets", "405"}): 2,
    }


def test_holdings_are_counted(client: TestClient) -> None:
    """As many records, series and quarantined ones as there are, and how fresh the newest is."""
    samples = told(client)

    assert of(samples, "rasad_records") == {frozenset(): 2251}
    assert of(samples, RECORDS_ASIDE) == {
        frozenset({"laboratory", "quarantined", "not_a_result"}): 1,
        frozenset({"laboratory", "quarantined", "truncated"}): 1,
    }
    assert of(samples, SERIES) == {
        frozenset({"laboratory", "ping"}): 2,
        frozenset({"laboratory", "traceroute"}): 2,
        frozenset({"laboratory", "dns"}): 5,
    }
    assert of(samples, RETRIEVED) == {frozenset(): StillClock().now().timestamp()}
    assert of(samples, MEASURED) == {frozenset({"laboratory"}): NEWEST_MEASURED_AT}


def test_a_service_that_holds_nothing_says_so(database_url: str) -> None:
    """Zero records; no instant rather than the year 1970."""
    with TestClient(service_on(database_url)) as client:
        samples = told(client)

    assert of(samples, "rasad_records") == {frozenset(): 0}
    assert [name for name in (RECORDS_ASIDE, SERIES, RETRIEVED, MEASURED) if of(samples, name)] == []
