"""Practice on the public page: apart from what is measured, and said before anything else."""

from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.cli.acting import MACHINE
from app.main import create_app
from app.operations.acting import Acting
from app.operations.demonstrate import demonstrate
from app.settings import Settings
from app.store.engine import writing
from measurements.results.outcome import Label
from measurements.units import DAY_S, iso
from tests.agreeing import Parties
from tests.app.web.reading_pages import Page, dispatched, page, told
from tests.measurements.agreements.making import NOW, make_card


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
