"""Probes over HTTP: known ones page by page, a choice with its reasons, and who is left out."""

from typing import Any

import pytest
from sqlalchemy import Engine

from app.api.schemas.probes import Choice, Exclusion, Exclusions, ProbePage
from app.store.engine import writing
from app.store.probes import note_last_words
from measurements.probes import Probe
from measurements.results.outcome import Label
from tests.app.api.asking import Asker, Askers, refused
from tests.app.people import NOW

PROBES = "/api/v1/probes"
EXCLUSION = f"{PROBES}/1/exclusion"
REASON = {"reason": "answers for 192.0.2.0/24"}


@pytest.fixture
def held(engine: Engine) -> None:
    """Six of three networks in Tajikistan, and one in Kyrgyzstan; the third has no IPv6."""
    one = Probe(1, NOW, 24722, 24722, "TJ", None, None, False, True, "Connected", (), NOW - 100, NOW)
    probes = [one._replace(probe_id=n, asn_v4=24722 + n % 3, asn_v6=24722 + n % 3) for n in range(1, 7)]
    probes[2] = probes[2]._replace(asn_v6=None)
    probes.append(one._replace(probe_id=7, country_code="KG"))
    with writing(engine) as connection:
        note_last_words(connection, [(Label.REHEARSED, each) for each in probes])


def choice(asker: Asker, **query: Any) -> dict[str, Any]:
    """What is answered, by the description of it."""
    answer = asker.get(f"{PROBES}/choice", **({"country_code": "TJ"} | query))
    Choice.model_validate_json(answer.content)
    told: dict[str, Any] = answer.json()
    return told


@pytest.mark.usefixtures("held")
def test_a_choice_is_told_with_its_reasons(ours: Asker) -> None:
    """By IPv6 one of three networks has a probe less; nobody elsewhere is told of."""
    told = choice(ours, n_probes="4", address_family="6")

    assert (told["n_probes"], told["n_networks"], told["churn"]) == (4, 3, 1.0)
    reasons = {one["probe_id"]: one["reason"] for one in (*told["chosen"], *told["left_out"])}
    assert reasons == {
        1: "first_of_network", 2: "first_of_network", 3: "no_network", 4: "another_of_network", 5: "no_room",
        6: "first_of_network",
    }  # fmt: skip
    assert choice(ours, n_probes="4", address_family="6") == told
    assert choice(ours, per_network="1")["n_probes"] == 3
    assert choice(ours, asn="24724")["added"] == [2, 5]
    assert choice(ours, is_anchor="true")["chosen"] == []
    assert choice(ours, country_code="kg")["added"] == [7]
    assert choice(ours, packets_per_day="51", most_packets_per_day="50")["left_out"][0]["reason"] == "too_much_asked"


@pytest.mark.usefixtures("held")
def test_who_is_excluded_is_left_out_with_the_reason(ours: Asker, administrator: Asker, askers: Askers) -> None:
    """To say it twice is to say it once; taken back, it may be chosen again."""
    said = [asker.put(EXCLUSION, REASON) for asker in (ours, administrator)]
    assert {one.status_code for one in said} == {200}
    assert said[0].json() == said[1].json() == Exclusion.model_validate_json(said[0].content).model_dump(mode="json")
    listed = ours.get(f"{PROBES}/exclusions")
    Exclusions.model_validate_json(listed.content)
    assert listed.json()["exclusions"] == [said[0].json()]
    left_out = choice(ours)["left_out"]
    assert [(one["probe_id"], one["reason"], one["detail"]) for one in left_out] == [(1, "excluded", REASON["reason"])]

    headers = askers.people["administrator"].headers
    back = askers.client.delete(EXCLUSION, headers=headers)
    assert (back.status_code, back.json()["is_excluded"]) == (200, False)
    assert choice(ours)["n_probes"] == 6
    assert ours.get(f"{PROBES}/exclusions").json() == {"exclusions": []}
    acts = [one["act"] for one in ours.get("/api/v1/audit", subject="probe:1").json()["entries"]]
    assert sorted(acts) == ["probe_excluded", "probe_included"]
    assert askers.client.delete(f"{PROBES}/2/exclusion", headers=headers).status_code == 404


@pytest.mark.usefixtures("held")
def test_known_probes_are_listed_page_by_page(ours: Asker) -> None:
    first = ours.get(PROBES, country_code="tj", limit="4")
    ProbePage.model_validate_json(first.content)
    rest = ours.get(PROBES, country_code="tj", limit="4", cursor=first.json()["next_cursor"]).json()

    assert [one["probe_id"] for one in (*first.json()["probes"], *rest["probes"])] == [1, 2, 3, 4, 5, 6]
    assert rest["next_cursor"] is None
    assert ours.get(PROBES, label="measured").json()["probes"] == []


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (f"{PROBES}/choice", {"address_family": "5"}),
        (f"{PROBES}/choice", {"n_probes": "0"}),
        (f"{PROBES}/choice", {"n_probes": "1001"}),
        (f"{PROBES}/choice", {"country_code": "Tajikistan"}),
        (f"{PROBES}/choice", {"asn": "-1"}),
        (f"{PROBES}/choice", {"colour": "red"}),
        (PROBES, {"country_code": "T1"}),
        (PROBES, {"cursor": "here"}),
    ],
)
def test_what_makes_no_sense_is_refused(ours: Asker, path: str, query: dict[str, str]) -> None:
    assert ours.get(path, **query).status_code == 400


def test_an_exclusion_has_a_reason(ours: Asker, askers: Askers) -> None:
    for content in ({}, {"reason": ""}, {"reason": "a\nb"}, {"reason": "a", "until": "b"}):
        assert ours.put(EXCLUSION, content).status_code == 400
    assert ours.put(f"{PROBES}/0/exclusion", REASON).status_code in (400, 404)
    assert refused(askers.one("analyst").put(EXCLUSION, REASON))[0] == 403
