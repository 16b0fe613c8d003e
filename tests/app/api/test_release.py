"""What is held under an agreement goes out as its card says, whoever asks by whichever route."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.main import create_app
from app.operations import agree
from app.operations.stop_dispatches import withdraw_agreement
from app.settings import Settings
from app.store.engine import reading, writing
from measurements.agreements.agreement import Cause
from measurements.agreements.parties import Party
from measurements.agreements.release import Ground
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import who
from tests.delivering import change
from tests.holding import HELD_PROBES, KINDS, PUBLIC_ID, Holding, hold

ASKERS = (None, *KINDS)
READERS = {"analyst", "representative", "auditor"}
"""Who sees values of single probes: the card names the RIPE NCC's people alone."""
INSIDERS = READERS | {"other_analyst", "other_representative"}
"""Who sees figures before they are released."""
SERIES = "/api/v1/series?metric=rtt_median_ms&label=rehearsed"
LISTS = {
    "results": "/api/v1/results?label=rehearsed",
    "series": f"{SERIES}&scope=probe",
    "quarantine": "/api/v1/quarantine?label=rehearsed",
    "followed": "/api/v1/followed?label=rehearsed",
}
ROWS = {"results": "results", "series": "rows", "quarantine": "records", "followed": "followed"}
N_HELD = {"results": 18, "series": 6, "quarantine": 1, "followed": 1}
N_PUBLIC = {"results": 18, "series": 6, "quarantine": 1, "followed": 0}


@pytest.fixture
def holding(engine: Engine, tmp_path: Path) -> Holding:
    """The card as it usually is: seven days of embargo."""
    return hold(engine, tmp_path)


@pytest.fixture
def client(holding: Holding, database_url: str) -> Iterator[TestClient]:
    """A client of the service on it."""
    with TestClient(create_app(Settings(database_url=database_url), holding.parties.clock)) as client:
        yield client


def ask(client: TestClient, holding: Holding, name: str | None, path: str) -> dict[str, Any]:
    """What somebody is answered."""
    answer = client.get(path, headers=holding.headers(name))
    assert answer.status_code == 200, answer.text
    content: dict[str, Any] = answer.json()
    return content


def held(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of them that are not public."""
    return [row for row in rows if row["agreement_id"] is not None]


def n_logged(engine: Engine) -> int:
    """How often somebody read values of single probes."""
    with reading(engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM access_log")).scalar_one())


@pytest.mark.acceptance("agreement.3")
@pytest.mark.parametrize("name", ASKERS, ids=str)
def test_lists_hold_for_each_what_it_may_see(
    name: str | None, client: TestClient, holding: Holding, engine: Engine
) -> None:
    """What is public is for everybody; each reading of the rest is noted, and nobody else's."""
    for what, path in LISTS.items():
        before = n_logged(engine)
        answer = ask(client, holding, name, path)
        rows = answer[ROWS[what]]
        assert len(held(rows)) == (N_HELD[what] if name in READERS else 0), what
        assert len(rows) - len(held(rows)) == N_PUBLIC[what], what
        assert [one["agreement_id"] for one in answer["withheld"]] == ([] if name in READERS else [1]), what
        assert n_logged(engine) - before == (name in READERS), what
        assert {row["data_class"] for row in held(rows)} <= {"agreed_collection"}


@pytest.mark.acceptance("agreement.3")
@pytest.mark.parametrize("name", ASKERS, ids=str)
def test_a_single_one_is_there_for_whom_it_is_there(name: str | None, client: TestClient, holding: Holding) -> None:
    """For others it is as if there were none: word for word, but for its number."""
    everything = ask(client, holding, "auditor", LISTS["results"] + "&limit=100")["results"]
    quarantined = ask(client, holding, "auditor", LISTS["quarantine"])["records"]
    public = next(one["id"] for one in everything if one["agreement_id"] is None)
    assert ask(client, holding, name, f"/api/v1/results/{public}")["result"]["agreement_id"] is None
    for kind, number in (("results", held(everything)[0]["id"]), ("quarantine", held(quarantined)[0]["id"])):
        answers = [client.get(f"/api/v1/{kind}/{one}", headers=holding.headers(name)) for one in (number, 999_999)]
        assert answers[1].status_code == 404
        if name in READERS:
            assert answers[0].status_code == 200
        else:
            assert answers[0].text.replace(str(number), "N") == answers[1].text.replace("999999", "N")


@pytest.mark.acceptance("agreement.3")
@pytest.mark.parametrize("name", ASKERS, ids=str)
def test_figures_are_for_the_parties_at_once_and_for_all_after_the_embargo(
    name: str | None, client: TestClient, holding: Holding
) -> None:
    """National ones and those of a network alike; a figure of probes that are named is as good as theirs."""
    named = "".join(f"&probe={probe_id}" for probe_id in HELD_PROBES)
    before = [ask(client, holding, name, f"{SERIES}&scope={scope}") for scope in ("national", "asn")]
    holding.parties.clock.advance(7 * DAY_S)
    after = [ask(client, holding, name, f"{SERIES}&scope={scope}") for scope in ("national", "asn")]
    alone = ask(client, holding, name, f"{SERIES}&scope=national{named}")

    assert [bool(held(answer["rows"])) for answer in before] == [name in INSIDERS] * 2
    reasons = [] if name in INSIDERS else [Ground.UNDER_EMBARGO]
    assert [one["reason"] for one in before[0]["withheld"]] == reasons
    assert all(held(answer["rows"]) and not answer["withheld"] for answer in after)
    [figure] = held(after[0]["rows"])
    assert (figure["value"], figure["n_probes"], figure["agreement_id"]) == (5.0, 6, holding.agreement_id)
    assert bool(held(alone["rows"])) is (name in READERS)
    assert all(len(answer["rows"]) > len(held(answer["rows"])) for answer in (*before, *after))


def test_csv_holds_no_more(client: TestClient, holding: Holding) -> None:
    """Whichever way it is written."""
    path = f"{SERIES}&scope=probe&format=csv"
    texts = [client.get(path, headers=holding.headers(name)).text for name in (None, "analyst")]
    assert [str(HELD_PROBES[0]) in one for one in texts] == [False, True]


def test_in_a_dispute_and_after_a_withdrawal_nothing_more_is_released(
    client: TestClient, holding: Holding, engine: Engine
) -> None:
    """What was released by then stays so."""
    parties = holding.parties
    with writing(engine) as connection:
        agree.suspend_agreement(parties.acting(connection, Party.TOJIKTELECOM), holding.agreement_id, Cause.DISPUTE)
    parties.clock.advance(8 * DAY_S)
    disputed = ask(client, holding, None, SERIES)
    with writing(engine) as connection:
        agree.resume_agreement(parties.acting(connection, Party.TOJIKTELECOM), holding.agreement_id)
    settled = ask(client, holding, None, SERIES)
    parties.clock.advance(1)
    withdraw_agreement(
        parties.transaction,
        parties.atlas,
        parties.clock,
        Label.REHEARSED,
        holding.agreement_id,
        who(Party.TOJIKTELECOM),
    )
    withdrawn = ask(client, holding, None, SERIES)

    assert [one["reason"] for one in disputed["withheld"]] == [Ground.IN_DISPUTE]
    assert [len(held(answer["rows"])) for answer in (disputed, settled, withdrawn)] == [0, 1, 1]


def test_what_was_not_released_by_a_withdrawal_is_held_back(client: TestClient, holding: Holding) -> None:
    """From everybody but the parties."""
    parties = holding.parties
    withdraw_agreement(
        parties.transaction,
        parties.atlas,
        parties.clock,
        Label.REHEARSED,
        holding.agreement_id,
        who(Party.COMMUNICATIONS_SERVICE),
    )
    parties.clock.advance(30 * DAY_S)
    answers = {name: ask(client, holding, name, SERIES) for name in (None, "reader", "other_analyst")}

    assert [len(held(answer["rows"])) for answer in answers.values()] == [0, 0, 1]
    assert [one["reason"] for one in answers[None]["withheld"]] == [Ground.WITHDRAWN]


def test_a_figure_rests_on_as_many_probes_and_networks_as_was_agreed(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    """Whoever asks; what is public has the usual minimums."""
    holding = hold(engine, tmp_path, publication={"embargo_days": 0, "min_probes": 7, "min_networks": 5})
    with TestClient(create_app(Settings(database_url=database_url), holding.parties.clock)) as client:
        for name in (None, "analyst"):
            rows = ask(client, holding, name, SERIES)["rows"]
            [figure] = held(rows)
            assert figure["value"] is figure["ci_low"] is None
            assert figure["flags"][:2] == ["too_few_probes", "too_few_networks"]
            assert [row["value"] for row in rows if row["agreement_id"] is None] == [5.0]


def test_what_cannot_be_noted_is_not_read(client: TestClient, holding: Holding, engine: Engine) -> None:
    """What is public is read all the same."""
    change(engine, "ALTER TABLE access_log RENAME TO elsewhere")

    for what, path in LISTS.items():
        refused = client.get(path, headers=holding.headers("analyst"))
        assert refused.is_server_error, what
        assert str(HELD_PROBES[0]) not in refused.text
        assert client.get(path).status_code == 200, what


def test_who_read_what_is_listed_for_those_who_read_the_audit(client: TestClient, holding: Holding) -> None:
    """Page by page, the last first."""
    ask(client, holding, "analyst", f"{LISTS['results']}&atlas_id={holding.atlas_id}&limit=5")
    ask(client, holding, "auditor", LISTS["series"])
    first = ask(client, holding, "auditor", "/api/v1/accesses?limit=1")
    second = ask(client, holding, "administrator", f"/api/v1/accesses?limit=1&cursor={first['next_cursor']}")
    [newer], [older] = first["accesses"], second["accesses"]

    assert (newer["what"], newer["n_rows"], newer["filters"]["scope"]) == ("series", 6, "probe")
    assert (older["what"], older["n_rows"]) == ("results", 5)
    assert older["filters"] == {"label": "rehearsed", "atlas_id": [holding.atlas_id], "limit": 5}
    assert older["person_id"] != newer["person_id"]
    assert second["next_cursor"] is None
    assert client.get("/api/v1/accesses", headers=holding.headers("analyst")).status_code == 403


def test_pages_neither_overlap_nor_leave_a_gap(client: TestClient, holding: Holding) -> None:
    """For one who sees a part of them as well."""
    found: list[int] = []
    cursor = ""
    while True:
        page = ask(client, holding, None, f"{LISTS['results']}&limit=5{cursor}")
        found += [one["id"] for one in page["results"]]
        assert {one["atlas_id"] for one in page["results"]} == {PUBLIC_ID}
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert len(found) == len(set(found)) == 18
