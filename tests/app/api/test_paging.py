"""Every list is read to its end in the same way, page by page."""

import base64
from typing import Any, NamedTuple

from fastapi import FastAPI
from fastapi.testclient import TestClient

from tests.ingesting import ingest
from tests.records import EDGE_CASES

LABORATORY = {"label": "laboratory"}
NO_PLACES = (b"", b"x", b"{}", b"[1]", b"[1,true]", b'"a\\u0000"', b"1e400", b"99999999999999999999", b"\xff")


class Listed(NamedTuple):
    """A list: where its entries are, what names one, how many a small page holds, and how many there are at least."""

    key: str
    name: str
    limit: int
    n_entries: int
    filters: dict[str, str]


LISTS = {
    "/api/v1/results": Listed("results", "id", 500, 2249, LABORATORY),
    "/api/v1/quarantine": Listed("records", "id", 1, 2, {}),
    "/api/v1/targets": Listed("targets", "target", 1, 5, {}),
    "/api/v1/measurements": Listed("measurements", "atlas_id", 2, 9, LABORATORY),
}


def pages(client: TestClient, path: str, params: dict[str, Any]) -> list[dict[str, Any]]:
    """All pages of a list."""
    answers = [client.get(path, params=params).json()]
    while (cursor := answers[-1]["next_cursor"]) is not None:
        answers.append(client.get(path, params={**params, "cursor": cursor}).json())
    return answers


def test_every_entry_comes_once(service: FastAPI, client: TestClient) -> None:
    """Small pages hold what large ones hold, in the same order; only the last one has no cursor."""
    ingest(service.state.service.engine, EDGE_CASES)  # they are about more than one target
    for path, listed in LISTS.items():
        large = pages(client, path, {"limit": 1000, **listed.filters})
        small = pages(client, path, {"limit": listed.limit, **listed.filters})

        at_once, one_by_one = (
            [entry[listed.name] for page in all_ for entry in page[listed.key]] for all_ in (large, small)
        )
        assert one_by_one == at_once, path
        assert len(one_by_one) == len(set(one_by_one)) >= listed.n_entries, path
        assert [len(page[listed.key]) for page in small[:-1]] == [listed.limit] * (len(small) - 1), path
        assert len(small) > 1, path


def test_what_is_no_cursor_is_refused(client: TestClient) -> None:
    """A problem that names the parameter, whatever was written into the address."""
    made_up = [base64.urlsafe_b64encode(place).decode() for place in NO_PLACES]
    for path in LISTS:
        for text in [*made_up, "", "é", "A", "-1", "\x00", "9" * 5000]:
            answer = client.get(path, params={"cursor": text})

            assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "cursor"), (path, text)


def test_a_cursor_belongs_to_its_list(client: TestClient) -> None:
    """A place in time is no place among names."""
    cursor = client.get("/api/v1/results", params={"limit": 1, **LABORATORY}).json()["next_cursor"]

    for path in LISTS.keys() - {"/api/v1/results"}:
        assert client.get(path, params={"cursor": cursor}).status_code == 400
