"""The catalogue of targets over HTTP: put as it was read, a party's own by that party, opted out for good."""

import json
from typing import Any

import pytest

from app.api.schemas.catalogue import Catalogue, CatalogueEntry
from tests.app.api.asking import Asker, refused

CATALOGUE = "/api/v1/catalogue"
TARGET = {
    "owner": "A registry", "contact": "noc@example.net", "allowed_types": ["dns"], "max_packets_per_s": "0.5",
    "review_at": "2027-06-30T00:00:00Z",
}  # fmt: skip
OWN = {**TARGET, "owner_party": "ripe_ncc"}


def test_a_target_is_put_as_it_was_read(ours: Asker, theirs: Asker) -> None:
    """A new one takes no ETag; one that is there has to be known as it is."""
    path = f"{CATALOGUE}/ns1.example.net"
    assert ours.put(path, TARGET, If_Match='"x"').status_code == 412
    made = ours.put(path, TARGET)
    CatalogueEntry.model_validate_json(made.content)
    assert (made.status_code, made.headers["etag"]) == (201, made.json()["etag"])
    assert (made.json()["publicness"], made.json()["consent"]) == ("by_consent", None)

    consent = {"consent": {"reference": "mail", "until_at": "2027-06-01T00:00:00Z"}}
    assert theirs.put(path, TARGET).status_code == 428
    assert theirs.put(path, TARGET, If_Match='"x"').status_code == 412
    changed = theirs.put(path, TARGET | {"contact": "noc@example.org"} | consent, If_Match=made.headers["etag"])
    assert (changed.status_code, changed.json()["consent"], changed.json()["contact"]) == (200, None, "noc@example.org")
    waiting = changed.json()["waiting"]
    letter = {"reference": "mail", "from_at": "2027-01-01T00:00:00Z", "until_at": "2027-06-01T00:00:00Z"}
    assert waiting["changes"] == [{"field": "consent", "before": None, "after": letter}]
    assert (waiting["party"], waiting["proposed_at"]) == ("ripe_ncc", "2027-01-01T00:00:00Z")
    assert ours.put(path, TARGET, If_Match=made.headers["etag"]).status_code == 412
    shown, listed = ours.get(path), ours.get(CATALOGUE)
    Catalogue.model_validate_json(listed.content)
    assert (shown.json(), listed.json()["catalogue"]) == (changed.json(), [changed.json()])
    assert ours.get(f"{CATALOGUE}/ns2.example.net").status_code == 404


def test_a_partys_own_target_is_its_own_matter(ours: Asker, theirs: Asker, administrator: Asker) -> None:
    """Nobody else gives it away, takes it over, or says what may be measured there."""
    path = f"{CATALOGUE}/k-root"
    assert refused(ours.put(path, OWN)) == (403, "of-another-party")
    assert theirs.put(path, OWN).status_code == 201
    assert refused(ours.put(path, TARGET, If_Match="*")) == (403, "of-another-party")
    assert refused(theirs.put(path, {**TARGET, "owner_party": "tojiktelecom"}, If_Match="*"))[0] == 403
    assert administrator.put(path, OWN, If_Match="*").status_code == 200


def test_who_opted_out_stays_out(ours: Asker, administrator: Asker) -> None:
    """Whatever is said of it later; to say it twice is to say it once."""
    path = f"{CATALOGUE}/ns1.example.net"
    ours.put(path, TARGET)
    out = [asker.post(f"{path}/opt-out", {}) for asker in (ours, ours, administrator)]
    again = ours.put(path, TARGET, If_Match="*")

    assert {(one.status_code, one.json()["opted_out_at"]) for one in (*out, again)} == {(200, "2027-01-01T00:00:00Z")}
    assert ours.post(f"{CATALOGUE}/nowhere/opt-out", {}).status_code == 404
    acts = [one["reason"] for one in ours.get("/api/v1/audit", subject="target:ns1.example.net").json()["entries"]]
    assert acts == [None, "its owner opted out", None]


@pytest.mark.acceptance("agreement.3")
def test_who_opted_out_comes_back_by_its_own_word_and_two_parties(
    ours: Asker, theirs: Asker, administrator: Asker
) -> None:
    """The one records the letter, the other confirms it; who opted out again meanwhile stays out."""
    path = f"{CATALOGUE}/ns1.example.net"
    letter = {"reference": "letter 12", "until_at": "2027-06-01T00:00:00Z"}
    ours.put(path, TARGET)
    assert refused(ours.post(f"{path}/opt-in", letter)) == (409, "not-opted-out")
    ours.post(f"{path}/opt-out", {})
    assert refused(ours.post(f"{path}/opt-in", {"reference": ""}))[0] == 400

    wished = ours.post(f"{path}/opt-in", letter).json()
    assert (wished["opted_in_at"], wished["consent"]) == (None, None)
    number = {"number": wished["waiting"]["number"]}
    assert refused(ours.post(f"{path}/confirmations", number)) == (409, "own-proposal")
    assert refused(administrator.post(f"{path}/confirmations", number))[0] == 403
    assert theirs.post(f"{path}/confirmations", {"number": 9}).status_code == 404
    assert theirs.post(f"{CATALOGUE}/nowhere/confirmations", number).status_code == 404
    back = theirs.post(f"{path}/confirmations", number)
    CatalogueEntry.model_validate_json(back.content)
    assert (back.json()["opted_in_at"], back.json()["opted_out_at"]) == ("2027-01-01T00:00:00Z",) * 2
    assert (back.json()["consent"]["reference"], back.json()["waiting"]) == ("letter 12", None)
    assert theirs.post(f"{path}/confirmations", number).status_code == 404, "once"

    assert ours.post(f"{path}/opt-out", {}).json()["opted_in_at"] is None
    again = ours.post(f"{path}/opt-in", letter | {"reference": "letter 13"}).json()["waiting"]
    assert ours.put(path, TARGET | {"contact": "noc@example.org"}, If_Match="*").json()["waiting"] is None
    assert theirs.post(f"{path}/confirmations", {"number": again["number"]}).status_code == 404
    acts = [one["act"] for one in ours.get("/api/v1/audit", subject="target:ns1.example.net").json()["entries"]]
    assert acts.count("target_change_proposed") == 2


@pytest.mark.acceptance("agreement.3")
def test_nobody_loosens_alone_what_protects_an_owner(ours: Asker, theirs: Asker, administrator: Asker) -> None:
    """Neither who keeps the records nor who claims the target; and what was said before is told with it."""
    path = f"{CATALOGUE}/ns1.example.net"
    ours.put(path, TARGET)
    loose = {"publicness": "for_anyone", "max_packets_per_s": "2", "owner_party": "tojiktelecom"}
    said = ours.put(path, TARGET | loose | {"allowed_types": ["dns", "ping"]}, If_Match="*").json()

    assert (said["publicness"], said["allowed_types"], said["owner_party"]) == ("by_consent", ["dns"], None)
    assert {one["field"]: one["before"] for one in said["waiting"]["changes"]} == {
        "publicness": "by_consent", "allowed_types": ["dns"], "max_packets_per_s": "0.5", "owner_party": None,
    }  # fmt: skip
    number = {"number": said["waiting"]["number"]}
    assert refused(ours.post(f"{path}/confirmations", number)) == (409, "own-proposal")
    assert theirs.post(f"{path}/confirmations", number).json()["publicness"] == "for_anyone"
    audited = ours.get("/api/v1/audit", subject="target:ns1.example.net").json()["entries"]
    told = [json.loads(one["details"]).get("changes", []) for one in audited if one["act"] == "target_changed"]
    assert told[0][0] == {"field": "publicness", "before": "by_consent", "after": "for_anyone"}

    own = f"{CATALOGUE}/k-root"
    assert theirs.put(own, OWN).status_code == 201
    assert theirs.put(own, OWN | {"max_packets_per_s": "2"}, If_Match="*").json()["max_packets_per_s"] == "2"
    asked = administrator.put(own, OWN | {"max_packets_per_s": "9"}, If_Match="*").json()
    assert asked["max_packets_per_s"] == "2"
    number = {"number": asked["waiting"]["number"]}
    assert refused(ours.post(f"{own}/confirmations", number)) == (403, "of-another-party")
    assert theirs.post(f"{own}/confirmations", number).json()["max_packets_per_s"] == "9"


@pytest.mark.parametrize(
    ("name", "changes", "pointers"),
    [
        ("x", {"allowed_types": ["http"]}, ["/allowed_types/0"]),
        ("x", {"max_packets_per_s": "0"}, ["/max_packets_per_s"]),
        ("x", {"owner": "a\x00b"}, ["/owner"]),
        ("x", {"pinned_addresses": ["nowhere"]}, ["/pinned_addresses"]),
        ("x", {"pinned_addresses": ["2001:DB8::1"]}, ["/pinned_addresses"]),
        ("2001:db8:0::1", {}, ["/name"]),
        ("x", {"consent": {"reference": "mail", "until_at": "2026-12-01T00:00:00Z"}}, ["/consent/until_at"]),
        ("x", {"opted_out_at": None}, ["/opted_out_at"]),
    ],
)
def test_what_makes_no_sense_of_a_target_is_named(
    ours: Asker, name: str, changes: dict[str, Any], pointers: list[str]
) -> None:
    answer = ours.put(f"{CATALOGUE}/{name}", TARGET | changes)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
