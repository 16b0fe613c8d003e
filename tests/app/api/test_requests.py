"""Requests over HTTP: asked in plain words, tried out first, and told of so that whoever asked knows what to do."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from app.store.catalogue import put_entry
from app.store.engine import writing
from measurements.agreements.people import Role
from measurements.atlas.memory import MemoryAtlas
from measurements.units import DAY_S, iso
from tests.agreeing import PROBES
from tests.app.api.agreeing import FIRST, LAST, AskingParties
from tests.measurements.agreements.making import NOW, make_card, make_entry

REQUESTS = "/api/v1/requests"
TAGGED = [{**one, "tags": [{"slug": "system-ipv4-works"}]} for one in PROBES]
PING = {"targets": ["193.0.14.129"], "address_families": [4]}


class Analysts(AskingParties):
    """An analyst that asks the service of the parties."""

    def __init__(self, engine: Engine, database_url: str, folder: Path) -> None:
        super().__init__(engine, database_url, folder)
        self.atlas = MemoryAtlas(self.clock, probes=TAGGED)

    def ask(self, path: str = "", content: Any = None, by: Any = Role.ANALYST, word: str = "") -> httpx.Response:
        """Ask for something."""
        self.n_asked += 1
        headers = {**self._headers(by), "Idempotency-Key": word or f"request-{self.n_asked}"}
        answer: httpx.Response = self.client.post(REQUESTS + path, json=content, headers=headers)
        return answer

    def show(self, path: str = "", by: Any = Role.ANALYST) -> Any:
        """Read something."""
        return self.client.get(REQUESTS + path, headers=self._headers(by)).json()


@pytest.fixture
def parties(engine: Engine, database_url: str, tmp_path: Path) -> Analysts:
    """Everybody."""
    return Analysts(engine, database_url, tmp_path)


def runs(answer: httpx.Response | dict[str, Any]) -> list[tuple[str, int | None]]:
    """How each part stands, and the number of its dispatch."""
    content = answer if isinstance(answer, dict) else answer.json()
    return [(run["state"], run["dispatch_id"]) for run in content["runs"]]


def test_what_an_agreement_covers_is_measured(parties: Analysts) -> None:
    """From a question to a measurement that runs, ends, and says so at every step."""
    parties.agreed()
    asked = parties.ask(content=PING | {"n_probes": 5, "every_s": 600})
    place = asked.headers["location"].removeprefix(REQUESTS)
    parties.work()
    sent = parties.show(place)
    parties.clock.advance(120)
    running = parties.show(place)
    parties.clock.advance(DAY_S)
    parties.work()

    assert (asked.status_code, place) == (202, "/1")
    assert asked.json()["state"] == "planned"
    assert sent["state"] == "sent"
    assert running["state"] == "running"
    assert parties.show(place)["state"] == "finished"
    (run,) = running["runs"]
    assert (run["interval_s"], run["n_probes"], run["agreement_id"]) == (600, 5, 1)
    assert run["explanation"] == f"Measurement {run['atlas_id']} of RIPE Atlas runs until {run['stop_at']}."
    assert asked.headers["rasad-credits"] == str(run["credits"]) == str(3 * 5 * 144)
    assert asked.headers["rasad-credits-per-day"] == "2160"


def test_a_dry_run_tells_everything_and_changes_nothing(parties: Analysts) -> None:
    parties.agreed()
    with writing(parties.engine) as connection:
        n_before = connection.exec_driver_sql("SELECT count(*) FROM audit_entries").scalar()
    tried = parties.ask("?dry_run=true", PING)
    content = tried.json()
    with writing(parties.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM audit_entries").scalar() == n_before

    (one,) = content["measurements"]
    assert tried.status_code == 200
    assert content["is_permitted"]
    assert (one["agreement_id"], one["entry"], one["reason"], one["missing"]) == (1, 1, "agreed", [])
    assert one["cost"]["credits"] == 3 * 20 * 360 == int(tried.headers["rasad-credits"])
    assert one["cost"]["packets_per_s"] == pytest.approx(0.25)
    assert one["cost"]["n_results_per_day"] == 20 * 360
    assert [(one["atlas_id"], one["is_built_in"]) for one in one["reuse"]] == [(1001, True)]
    (definition,) = one["body"]["definitions"]
    assert (definition["target"], definition["af"], definition["interval"]) == ("193.0.14.129", 4, 240)
    assert definition["spread"] == 120
    assert one["body"]["probes"] == [
        {"type": "country", "value": "TJ", "requested": 20, "tags": {"include": ["system-ipv4-works"], "exclude": []}}
    ]
    assert parties.show()["requests"] == []


def test_what_nothing_covers_waits_for_consent_and_says_what_is_missing(parties: Analysts) -> None:
    """And is measured by itself once the parties agree to it."""
    parties.agreed()
    asked = parties.ask(content={"template": "path-changed", "targets": ["k-root"], "places": ["KG"]})
    (first, _) = asked.json()["runs"]
    parties.work()
    assert parties.show("/1")["state"] == "waiting_for_consent"
    parties.agree(make_card(title="Next door", selections=[{"by": "country", "value": "KG", "requested": 3}]))
    parties.work()

    assert asked.status_code == 202
    assert first["missing"] == [
        {"pointer": "/places", "says": "the card names probes of country TJ, and not of country KG"}
    ]
    assert "Agreement 1 comes nearest" in first["explanation"]
    assert [one[0] for one in runs(parties.show("/1"))] == ["sent", "waiting_for_consent"]
    assert [run["agreement_id"] for run in parties.show("/1")["runs"]] == [2, 1]
