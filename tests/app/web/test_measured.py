"""The public page of what is measured and under which agreement, and the same as JSON: true, and harmless."""

from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.api.schemas.measured import Measured
from app.cli.acting import MACHINE
from app.main import create_app
from app.operations import agree
from app.operations.accept_terms import accept_terms
from app.operations.acting import Acting
from app.operations.demonstrate import demonstrate
from app.operations.intend_dispatches import intend
from app.operations.send_dispatches import send
from app.operations.stop_dispatches import withdraw_agreement
from app.settings import Settings
from app.store.catalogue import put_entry
from app.store.engine import writing
from measurements.agreements.agreement import Cause, Choice
from measurements.agreements.catalogue import Publicness
from measurements.agreements.parties import Party
from measurements.agreements.platform_terms import Service
from measurements.results.outcome import Label
from measurements.units import DAY_S, iso
from tests.agreeing import Parties, who
from tests.measurements.agreements.making import NOW, make_card, make_entry

MARKUP = "<script>alert(1)</script>\"'&<b>"
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


@pytest.fixture
def parties(engine: Engine) -> Parties:
    return Parties(engine)


@pytest.fixture
def client(parties: Parties, database_url: str) -> TestClient:
    return TestClient(create_app(Settings(database_url=database_url), parties.clock))


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


def test_without_anything_it_says_so(database_url: str) -> None:
    """Nobody has signed, nobody has agreed on anything."""
    client = TestClient(create_app(Settings(database_url=database_url)))

    answer, shown = told(client), page(client)

    assert (answer["agreements"], answer["ended"], answer["opted_out"]) == ([], [], [])
    assert not answer["memorandum"]["is_in_force"]
    assert "nothing may be measured" in shown.text
    assert "agreed on nothing that holds now" in shown.text
    assert "How to ask for a stop" in shown.text


def test_what_was_agreed_on_is_told_whole(parties: Parties, client: TestClient) -> None:
    """To whoever has no key."""
    agreement_id = parties.agree()

    [agreement] = told(client)["agreements"]
    text = page(client).text

    assert (agreement["agreement_id"], agreement["state"], agreement["clause"]) == (agreement_id, "agreed", "II.9")
    assert {one["party"] for one in agreement["agreed_by"]} == set(Party)
    assert agreement["measurements"][0] == {
        "target": "k-root", "type": "ping", "address_family": 4, "interval_s": 240,
    }  # fmt: skip
    card = make_card()
    for said in (
        card.title, card.purpose, card.national_priority, "Article II.9", "ping to k-root, IPv4", "at most every 4 min",
        "at most 20 probes", "raw results are kept for 365 days", "Tojiktelecom is also measured", "noc@example.tj",
        agreement["digest"], "RIPE NCC", "2026-12-26", "The memorandum is in force", "2027-01-09 19:00 UTC",
        "all three parties approved that",
    ):  # fmt: skip
        assert said in text, said


def test_only_what_is_measured_and_public_has_a_link(parties: Parties, client: TestClient) -> None:
    """What is rehearsed is counted, labelled, and linked to nothing."""
    agreement_id = parties.agree()
    measured_id = dispatched(parties, agreement_id, Label.MEASURED)
    rehearsed_id = dispatched(parties, agreement_id, Label.REHEARSED)

    [agreement] = told(client)["agreements"]
    shown = page(client)

    runs = {run["label"]: run for run in agreement["runs"]}
    assert [one["atlas_id"] for one in runs["measured"]["measurements"]] == [measured_id]
    assert (runs["rehearsed"]["n_running"], runs["rehearsed"]["measurements"]) == (1, [])
    atlas = [link for link in shown.links if "atlas.ripe.net" in link]
    assert atlas == [f"https://atlas.ripe.net/measurements/{measured_id}/"]
    assert "rehearsed, not measured on the Internet: 1" in shown.text
    assert str(rehearsed_id) not in shown.text


def test_practice_is_apart_from_what_is_measured(parties: Parties, client: TestClient) -> None:
    """All that was dispatched under it was rehearsed; what nothing was dispatched under is meant in earnest."""
    earnest = parties.agree(make_card(title="In earnest"))
    practice = parties.agree(make_card(title="Practice of an outage"))
    dispatched(parties, practice, Label.REHEARSED)

    answer, text = told(client), page(client).text
    in_force, rehearsed = text.partition("Rehearsed (1)")[::2]

    assert [(one["agreement_id"], one["label"]) for one in answer["agreements"]] == [(earnest, "measured")]
    [apart] = answer["rehearsed"]["agreements"]
    assert (apart["agreement_id"], apart["label"], answer["rehearsed"]["ended"]) == (practice, "rehearsed", [])
    assert "In force (1)" in in_force
    assert "Practice of an outage" not in in_force
    assert "nothing below is or was measured on the Internet" in rehearsed
    parties.clock.advance(200 * DAY_S)
    assert [one["agreement_id"] for one in told(client)["ended"]] == [earnest]
    assert [one["agreement_id"] for one in told(client)["rehearsed"]["ended"]] == [practice]
    assert "Practice of an outage" in page(client).text.partition("Rehearsed")[2]


def test_on_a_rehearsal_all_is_practice(parties: Parties, database_url: str) -> None:
    """Before anything was dispatched, too."""
    parties.agree()
    settings = Settings(database_url=database_url, atlas_is_rehearsal=True, atlas_url="http://127.0.0.1:8081")

    answer = told(TestClient(create_app(settings, parties.clock)))

    assert (answer["agreements"], len(answer["rehearsed"]["agreements"])) == ([], 1)


def test_what_is_not_public_is_counted(parties: Parties, client: TestClient) -> None:
    agreement_id = parties.agree(make_card(is_public=False))
    measured_id = dispatched(parties, agreement_id, Label.MEASURED)

    [agreement] = told(client)["agreements"]

    assert agreement["runs"] == [{"label": "measured", "n_running": 1, "measurements": []}]
    assert "1 not public" in page(client).text
    assert str(measured_id) not in page(client).text


def test_drafts_and_what_was_declined_are_nobodys_business(parties: Parties, client: TestClient) -> None:
    """Nor is what waits for votes."""
    parties.agree(
        make_card(title="Declined"), votes={Party.RIPE_NCC: Choice.APPROVE, Party.TOJIKTELECOM: Choice.DECLINE}
    )
    parties.agree(make_card(title="Waiting"), votes={Party.RIPE_NCC: Choice.APPROVE})
    with writing(parties.engine) as connection:
        agree.open_agreement(parties.acting(connection, Party.RIPE_NCC), make_card(title="Draft"))

    assert (told(client)["agreements"], told(client)["ended"]) == ([], [])
    assert not {"Declined", "Waiting", "Draft"} & set(page(client).text.split())


def test_what_was_withdrawn_is_told_without_naming_anybody(parties: Parties, client: TestClient) -> None:
    """For a year; a party need not say why."""
    agreement_id = parties.agree()
    withdraw_agreement(
        parties.transaction, parties.atlas, parties.clock, Label.REHEARSED, agreement_id, who(Party.TOJIKTELECOM)
    )

    answer = told(client)
    [ended] = answer["ended"]
    section = page(client).text.partition("Ended within a year")[2].partition("How to ask")[0]

    assert answer["agreements"] == []
    assert (ended["state"], ended["ended_at"], ended["runs"]) == ("withdrawn", "2027-01-15T08:00:00Z", [])
    assert "withdrawn 2027-01-15 08:00 UTC" in section
    assert "ojiktelecom" not in section
    parties.clock.advance(366 * DAY_S)
    assert told(client)["ended"] == []


def test_what_has_expired_is_told_for_a_year(parties: Parties, client: TestClient) -> None:
    parties.agree()
    parties.clock.advance(200 * DAY_S)

    assert [one["state"] for one in told(client)["ended"]] == ["expired"]
    assert "expired 2027-06-29 19:00 UTC" in page(client).text


def test_suspended_and_narrowed_is_said(parties: Parties, client: TestClient) -> None:
    """What is shown is what holds now."""
    agreement_id = parties.agree()
    with writing(parties.engine) as connection:
        acting = parties.acting(connection, Party.TOJIKTELECOM)
        narrower = make_card(max_probes=5, selections=[{"by": "country", "value": "TJ", "requested": 5}])
        agree.narrow_agreement(acting, agreement_id, narrower)
        agree.suspend_agreement(acting, agreement_id, Cause.DISPUTE)

    [agreement] = told(client)["agreements"]
    text = page(client).text

    assert (agreement["state"], agreement["is_narrowed"], agreement["max_probes"]) == ("suspended", True, 5)
    assert "Suspended: nothing is measured" in text
    assert "at most 5 probes" in text
    assert "dispute" not in text


def test_single_probes_are_not_named(parties: Parties, client: TestClient) -> None:
    parties.agree(make_card(selections=[{"by": "probes", "value": "9100001,9100002", "requested": 2}], max_probes=2))

    assert "9100001" not in client.get("/measured").text + client.get("/api/v1/measured").text
    assert "2 probes, chosen one by one" in page(client).text


def test_an_owner_is_named_only_where_its_target_is_a_public_service(parties: Parties, client: TestClient) -> None:
    with writing(parties.engine) as connection:
        for name, publicness in (("ns.example", Publicness.PUBLIC_SERVICE), ("private.example", Publicness.BY_CONSENT)):
            entry = make_entry(name=name, publicness=publicness, owner_party=None, opted_out_at=parties.now)
            put_entry(connection, entry, parties.now)

    answer, text = told(client), page(client).text

    assert answer["opted_out"] == [{"target": "ns.example", "opted_out_at": iso(parties.now)}]
    assert answer["n_opted_out_unnamed"] == 1
    assert "ns.example" in text
    assert "private.example" not in text
    assert "1 more" in text


def test_whatever_people_wrote_is_text(parties: Parties, client: TestClient) -> None:
    """Markup in any free text of a card shows as it was written, and makes no element."""
    plain = set(page(client).elements) | {
        "article",
        "h3",
        "small",
        "dl",
        "dt",
        "dd",
        "ul",
        "li",
        "code",
        "time",
        "strong",
    }
    parties.agree(
        make_card(
            title=MARKUP, purpose=MARKUP, national_priority=MARKUP, conflicts_of_interest=[MARKUP], contacts=[MARKUP]
        )
    )

    shown = page(client)

    assert shown.text.count(MARKUP) == 5
    assert set(shown.elements) <= plain
    policy = client.get("/measured").headers["content-security-policy"]
    assert "default-src 'none'" in policy


def test_no_secret_and_no_person_is_on_it(parties: Parties, client: TestClient) -> None:
    """Nobody's name, and no reference of a letter."""
    agreement_id = parties.agree()
    dispatched(parties, agreement_id, Label.MEASURED)

    for text in (client.get("/measured").text, client.get("/api/v1/measured").text):
        assert "rsd_" not in text
        assert "rasad-" not in text
        assert "ops@example.net" not in text


def test_the_landing_page_leads_there(client: TestClient) -> None:
    assert "/measured" in Page(client.get("/").text).links
    assert client.get("/measured?x=1").status_code == 200
    assert client.post("/measured").status_code == 405
    assert date(2027, 12, 31).isoformat() in page(client).text


def test_practice_says_so_before_anything_else(engine: Engine, database_url: str) -> None:
    """Whoever agreed in it speaks for nobody."""
    client = TestClient(create_app(Settings(database_url=database_url)), base_url="http://localhost")
    with writing(engine) as connection:
        demonstrate(Acting(connection, MACHINE, NOW), Label.REHEARSED)

    told, page = client.get("/api/v1/measured").json(), Page(client.get("/measured").text)

    assert told["practice_begun_at"] == iso(NOW)
    assert told["agreements"] == []
    assert "This is practice." in page.text
    assert page.text.index("This is practice.") < page.text.index("The memorandum is in force")
