"""The public page as a browser makes of it, and something dispatched to be told of."""

from html.parser import HTMLParser
from typing import Any

from fastapi.testclient import TestClient

from app.api.schemas.measured import Measured
from app.operations.accept_terms import accept_terms
from app.operations.intend_dispatches import intend
from app.operations.send_dispatches import send
from app.store.engine import writing
from measurements.agreements.parties import Party
from measurements.agreements.platform_terms import Service
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties

VOID = frozenset({"meta", "link", "br", "img"})


class Page(HTMLParser):
    """What a browser would make of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        self.open += [] if tag in VOID else [tag]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def told(client: TestClient) -> dict[str, Any]:
    """As JSON; it is as its description says."""
    answer: dict[str, Any] = client.get("/api/v1/measured").raise_for_status().json()
    Measured.model_validate_json(client.get("/api/v1/measured").content)
    return answer


def page(client: TestClient) -> Page:
    answer = client.get("/measured").raise_for_status()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    shown = Page(answer.text)
    assert shown.open == []
    assert "script" not in shown.elements
    return shown


def dispatched(parties: Parties, agreement_id: int, label: Label) -> int | None:
    """Something under way; RIPE Atlas's number of it."""
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        accept_terms(acting, Service.RIPE_ATLAS, version="3.3", address="https://example.net/", sha256=None)
        dispatch, decision = intend(
            acting, label, agreement_id, 0, start_at=parties.now + 60, stop_at=parties.now + 9 * DAY_S
        )
        assert decision.is_permitted
    send(parties.transaction, parties.atlas, parties.clock, dispatch.dispatch_id)
    return parties.atlas_id(dispatch.dispatch_id)
