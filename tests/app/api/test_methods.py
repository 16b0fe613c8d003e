"""How HTTP is spoken: HEAD beside GET, and where a wrong path or method is told to go."""

import re

from fastapi import FastAPI
from fastapi.testclient import TestClient

STATIC = "/static-offline-docs/swagger-ui.css"
CHANGING = ("/metrics",)
"""What counts requests, this one too, is never twice the same length."""


def paths(service: FastAPI) -> list[str]:
    """Every path there is, the documentation's as well, and some that have no meaning."""
    described = [re.sub(r"{\w+}", "1", path) for path in service.openapi()["paths"]]
    return [*described, "/", "/measured", "/docs", "/openapi.json", STATIC, "/nowhere", "/api/v1/results?cursor=x"]


def test_head_is_get_without_a_body(service: FastAPI, client: TestClient) -> None:
    """The same status and the same headers, the length of the body left out among them."""
    for path in paths(service):
        got, headed = client.get(path), client.head(path)

        assert headed.content == b"", path
        assert headed.status_code == got.status_code, path
        assert headed.headers.keys() == got.headers.keys(), path
        if path not in CHANGING:
            assert headed.headers == got.headers, path
            assert headed.headers["content-length"] == str(len(got.content)), path


def test_an_unknown_path_says_where_to_look(client: TestClient) -> None:
    """Whoever mistypes an address is shown the right ones."""
    for path in ("/nowhere", "/api/v1/result", "/static-offline-docs/nothing"):
        answer = client.get(path)

        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert answer.json()["detail"] == f"There is nothing at {path}; /docs shows what there is."
    assert client.get("/docs").status_code == 200


def test_writing_is_not_allowed(client: TestClient) -> None:
    """And the answer says what is."""
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = client.request(method, "/api/v1/results")

        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert "read only" in answer.json()["detail"]


def test_a_wrong_method_is_told_the_right_ones(client: TestClient) -> None:
    """All of a path's, whichever route they are of."""
    for path, allowed in (
        ("/api/v1/people", "GET, HEAD, POST"),
        ("/api/v1/people/1/keys", "POST"),
        ("/api/v1/keys/1", "DELETE"),
    ):
        answer = client.put(path)

        assert (answer.status_code, answer.headers["allow"]) == (405, allowed), path
        assert "read only" not in answer.json()["detail"]
