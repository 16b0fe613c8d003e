"""Requests over HTTP: asked in plain words, tried out first, and told of so that whoever asked knows what to do."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine

from app.store.catalogue import put_entry
from app.store.engine import writing
from measurements.agreements.people import Role
from measurements.atlas.failures import Phase, ServerFailed
from measurements.atlas.memory import MemoryAtlas
from measurements.units import DAY_S, iso
from tests.agreeing import PROBES
from tests.app.api.agreeing import FIRST, LAST, AskingParties
from tests.measurements.agreements.making import make_card, make_entry

REQUESTS = "/api/v1/requests"
WORKS = {"tags": [{"slug": "system-ipv4-works"}]}
TAGGED = [*({**one, **WORKS} for one in PROBES), {**PROBES[0], **WORKS, "id": 9_100_100, "country_code": "KG"}]
AWAY = ServerFailed("502", phase=Phase.WAIT, status=502)
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
    shown = parties.show("/1")["runs"]
    assert [(run["state"], run["agreement_id"]) for run in shown] == [("sent", 2), ("waiting_for_consent", 2)]


def test_why_something_did_not_happen_is_told_in_words(parties: Analysts) -> None:
    """Refused by the gate, by RIPE Atlas, or for want of any agreement."""
    alone = parties.ask(content=PING).json()
    parties.agreed()
    too_late = parties.ask("/1/cancellation", {})
    parties.atlas.fail_next("dispatch", AWAY)
    parties.ask(content=PING | {"n_probes": 3})
    parties.work()
    with writing(parties.engine) as connection:
        put_entry(connection, make_entry(opted_out_at=parties.now), parties.now)
    refused = parties.ask(content=PING)

    assert "none comes near" in alone["runs"][0]["explanation"]
    assert too_late.json()["type"] == "urn:rasad:problem:over"
    (over,) = parties.show("/1")["runs"]
    assert (over["state"], over["explanation"].partition(",")[0]) == (
        "refused",
        "No agreement covered it before its time was over",
    )
    assert parties.show("/2")["runs"][0]["explanation"].startswith("RIPE Atlas did not take it for now: 502")
    assert (refused.status_code, refused.json()["state"]) == (202, "refused")
    assert refused.json()["runs"][0]["explanation"] == "The target's owner does not want it to be measured."


def test_cancelled_is_stopped_and_read_back(parties: Analysts) -> None:
    """And what was not sent never is. Nobody cancels twice."""
    parties.agreed()
    parties.ask(content=PING | {"n_probes": 5})
    parties.work()
    atlas_id = parties.show("/1")["runs"][0]["atlas_id"]
    parties.ask(content=PING | {"n_probes": 5})
    answers = [parties.ask(f"/{number}/cancellation", {}) for number in (1, 2, 2)]
    stopping = parties.show("/1")["runs"][0]["explanation"]
    parties.work()
    parties.work()

    assert [one.status_code for one in answers] == [202, 202, 409]
    assert answers[0].headers["location"] == f"{REQUESTS}/1"
    assert "being stopped" in stopping
    assert parties.atlas.measurement(atlas_id).status.is_final
    assert [parties.show(f"/{number}")["state"] for number in (1, 2)] == ["cancelled", "cancelled"]
    assert parties.atlas.calls.count("dispatch") == 1


def test_extended_inside_of_the_card_and_no_further(parties: Analysts) -> None:
    """The new part begins where the old one ends; what is wider says which votes it takes, and changes nothing."""
    parties.agreed()
    until = parties.ask(content=PING | {"n_probes": 5}).json()["stop_at"]
    longer = iso(parties.now + 3 * DAY_S)
    extended = parties.ask("/1/extension", {"stop_at": longer})
    wider = parties.ask("/1/extension", {"stop_at": "2027-12-01T00:00:00Z"})
    earlier = parties.ask("/1/extension", {"stop_at": until})
    parties.clock.advance(DAY_S + 120)
    parties.work()

    first, second = extended.json()["runs"]
    assert (extended.status_code, first["stop_at"], second["start_at"]) == (202, until, until)
    assert second["stop_at"] == parties.show("/1")["stop_at"] == longer
    assert (wider.status_code, wider.json()["type"]) == (409, "urn:rasad:problem:votes-needed")
    assert "ends at 2027-06-29T19:00:00Z" in wider.json()["detail"]
    assert "Tojiktelecom JSC" in wider.json()["detail"]
    assert [one["pointer"] for one in earlier.json()["errors"]] == ["/stop_at"]
    assert runs(parties.show("/1")) == [("failed", 1), ("running", 2)]


def test_a_clone_asks_again_from_now_on(parties: Analysts) -> None:
    parties.agreed()
    first = parties.ask(content=PING | {"n_probes": 5, "stop_at": iso(parties.now + 60 + 3600)}).json()
    parties.clock.advance(DAY_S)
    clone = parties.ask("/1/clones", {"n_probes": 2}).json()

    assert (clone["request_id"], clone["cloned_from"], clone["runs"][0]["n_probes"]) == (2, 1, 2)
    assert clone["start_at"] == iso(parties.now + 60)
    assert clone["stop_at"] == iso(parties.now + 60 + 3600)
    assert clone["request"]["targets"] == first["request"]["targets"] == ["k-root"]


def test_the_same_request_is_made_once(parties: Analysts) -> None:
    parties.agreed()
    first, again = (parties.ask(content=PING, word="the-same") for _ in range(2))
    other = parties.ask(content=PING | {"n_probes": 3}, word="the-same")

    assert first.json() == again.json()
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["rasad-credits"] == first.headers["rasad-credits"]
    assert other.status_code == 422
    assert len(parties.show()["requests"]) == 1


def test_an_analyst_sees_its_own_and_a_party_what_its_people_asked_for(parties: Analysts) -> None:
    """What is another's is answered like what does not exist."""
    parties.agreed()
    for by in (Role.ANALYST, LAST):
        assert parties.ask(content=PING | {"n_probes": 2}, by=by).status_code == 202
    hidden, absent = parties.show("/2"), parties.show("/9")
    pages = [parties.show("?limit=1", by=LAST)]
    pages.append(parties.show(f"?limit=1&cursor={pages[0]['next_cursor']}", by=LAST))

    assert [one["request_id"] for one in parties.show()["requests"]] == [1]
    assert hidden["status"] == absent["status"] == 404
    assert hidden["detail"].replace("2", "9") == absent["detail"]
    assert [one["request_id"] for page in pages for one in page["requests"]] == [1, 2]
    assert pages[1]["next_cursor"] is None
    assert parties.ask("/1/cancellation", {}, by=LAST).status_code == 404
    assert parties.ask("/1/cancellation", {}, by=FIRST).status_code == 202
