"""Parameters that are refused, and how the refusal is told."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

LABORATORY = ("label", "laboratory")


def errors(client: TestClient, path: str, *params: tuple[str, str]) -> list[tuple[str, str]]:
    """Ask, expect to be refused, and give the parameters named with what is said of them."""
    answer = client.get(path, params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    return [(error["parameter"], error["detail"]) for error in answer.json()["errors"]]


def test_what_is_given_twice_is_refused(client: TestClient) -> None:
    """Two labels in one question have no answer, even where they are equal."""
    for path in ("results", "series", "quarantine", "measurements"):
        for label in ("laboratory", "measured"):
            refused = errors(client, f"/api/v1/{path}", LABORATORY, ("metric", "loss"), ("label", label))
            assert refused == [("label", "may be given only once")], path


def test_every_single_parameter_may_be_given_once(service: FastAPI, client: TestClient) -> None:
    """Whatever its name and operation; and every list may be given twice."""
    for path, operations in service.openapi()["paths"].items():
        for parameter in operations.get("get", {}).get("parameters", ()):
            if parameter["in"] == "query":
                name = parameter["name"]
                is_list = parameter["schema"].get("type") == "array"
                answer = client.get(path, params=[(name, "1"), (name, "1")]).json()
                said = [error["detail"] for error in answer.get("errors", ()) if error["parameter"] == name]
                assert ("may be given only once" in said) is not is_list, (path, name)


def test_lists_may_repeat(client: TestClient) -> None:
    """Of one probe or of the other."""
    probes = [("probe_id", "9000001"), ("probe_id", "9000002")]
    answer = client.get("/api/v1/results", params=[LABORATORY, *probes]).json()

    assert {result["probe_id"] for result in answer["results"]} == {9000001, 9000002}


def test_an_unknown_parameter_given_twice_is_unknown(client: TestClient) -> None:
    """To give it once would not help."""
    ((parameter, detail),) = errors(client, "/api/v1/targets", ("targets", "a"), ("targets", "b"))

    assert parameter == "targets"
    assert detail.startswith("no such parameter here")


@pytest.mark.parametrize("name", ["country", "country_code"])
def test_a_country_is_explained_in_words(client: TestClient, name: str) -> None:
    """No pattern for people; and the parameter is the one that was given."""
    told = "'ZZZ' is no country code of two letters, for example TJ"

    assert errors(client, "/api/v1/series", ("metric", "loss"), (name, "ZZZ")) == [(name, told)]


def test_two_names_of_one_thing_must_agree(client: TestClient) -> None:
    """`country` and `country_code` mean the same; neither wins over the other."""
    agreed = [("metric", "loss"), ("country", "zz"), ("country_code", "ZZ")]
    ((parameter, _),) = errors(client, "/api/v1/series", ("metric", "loss"), ("country", "TJ"), ("country_code", "ZZ"))

    assert client.get("/api/v1/series", params=agreed).json()["query"]["country"] == "ZZ"
    assert parameter == "country_code"


def test_the_pattern_of_a_country_is_described(service: FastAPI) -> None:
    """Programs read it there."""
    parameters = service.openapi()["paths"]["/api/v1/series"]["get"]["parameters"]
    patterns = [one["schema"]["anyOf"][0]["pattern"] for one in parameters if one["name"].startswith("country")]

    assert patterns == ["^[A-Za-z]{2}$"] * 2
