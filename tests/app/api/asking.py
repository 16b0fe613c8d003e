"""Somebody who asks the service for things, as a program does."""

from typing import Any, NamedTuple

import httpx
from fastapi.testclient import TestClient

from tests.app.people import Member


class Asker:
    """Asks as somebody; every POST under a word of its own."""

    def __init__(self, client: TestClient, who: Member) -> None:
        self._client = client
        self._who = who
        self._n = 0

    def get(self, path: str, **query: str) -> httpx.Response:
        answer: httpx.Response = self._client.get(path, params=query, headers=self._who.headers)
        return answer

    def post(self, path: str, content: Any, word: str = "") -> httpx.Response:
        self._n += 1
        headers = {**self._who.headers, "Idempotency-Key": word or f"{self._n}"}
        answer: httpx.Response = self._client.post(path, json=content, headers=headers)
        return answer

    def put(self, path: str, content: Any, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer: httpx.Response = self._client.put(path, json=content, headers={**self._who.headers, **named})
        return answer


class Askers(NamedTuple):
    """Who asks one service, which stands at the beginning of 2027 and holds nothing but people."""

    client: TestClient
    people: dict[str, Member]

    def one(self, name: str) -> Asker:
        """One of them."""
        return Asker(self.client, self.people[name])


def refused(answer: httpx.Response) -> tuple[int, str]:
    """The status, and the problem's name."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].removeprefix("urn:rasad:problem:")
