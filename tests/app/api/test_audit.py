"""The audit trail and the registry over HTTP: read, and checked by hashing of the tests' own."""

import json
from hashlib import sha256
from typing import Any

import pytest

from app.api.schemas.audit import AuditPage, AuditProof
from app.api.schemas.registry import Verdict
from tests.app.api.asking import Asker, Askers
from tests.app.api.test_catalogue import TARGET

AUDIT = "/api/v1/audit"


def hashed(document: dict[str, Any]) -> str:
    """By the form that the description names."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def test_the_audit_trail_is_read_from_its_end(ours: Asker) -> None:
    """By page, by act, by subject and by time."""
    ours.put("/api/v1/catalogue/ns1.example.net", TARGET)
    pages: list[Any] = []
    cursor: str | None = ""
    while cursor is not None:
        page = ours.get(AUDIT, limit="7", **({"cursor": cursor} if cursor else {}))
        AuditPage.model_validate_json(page.content)
        pages.append(page.json())
        cursor = pages[-1]["next_cursor"]
    numbers = [entry["number"] for page in pages for entry in page["entries"]]

    assert numbers == list(range(pages[0]["n_entries"], 0, -1))
    assert pages[0]["head"] == pages[0]["entries"][0]["hash"]
    [added] = ours.get(AUDIT, act="target_added").json()["entries"]
    assert (added["subject_kind"], added["subject_id"], added["party"]) == ("target", "ns1.example.net", "tojiktelecom")
    assert ours.get(AUDIT, subject="target:ns1.example.net").json()["entries"] == [added]
    assert ours.get(AUDIT, **{"from": "2027-01-02"}).json()["entries"] == []
    assert len(ours.get(AUDIT, to="2027-01-02", limit="1000").json()["entries"]) == len(numbers)


def test_an_entry_comes_with_its_proof(ours: Asker) -> None:
    """What it says gives its content, and that with its place gives its hash: by the tests' own hashing."""
    told = ours.get(f"{AUDIT}/3")
    AuditProof.model_validate_json(told.content)
    entry = told.json()
    place = {name: entry[name] for name in ("number", "previous", "content")}
    subject = {name: entry["says"][name] for name in ("subject_kind", "subject_id")}

    assert hashed(entry["says"]) == entry["content"]
    assert hashed(place | subject) == entry["hash"]
    assert ours.get(f"{AUDIT}/2").json()["hash"] == entry["previous"]
    assert ours.get(f"{AUDIT}/9999").status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [("subject", "agreement"), ("subject", "king:1"), ("act", "x"), ("from", "soon"), ("cursor", "x")],
)
def test_a_question_about_nothing_is_refused(ours: Asker, name: str, value: str) -> None:
    answer = ours.get(AUDIT, **{name: value})

    assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, name)


def test_whoever_asks_is_told_what_is_tajik(askers: Askers) -> None:
    """Without a key, and with why."""
    for resource, is_tajik in (
        ("ns1.nic.tj", True),
        ("AS24722", None),
        ("2001:db8::/32", None),
        ("nowhere.example", None),
    ):
        answer = askers.client.get("/api/v1/registry", params={"resource": resource})

        Verdict.model_validate_json(answer.content)
        assert (answer.json()["asked"], answer.json()["is_tajik"]) == (resource, is_tajik)
        assert answer.json()["why"]
    assert askers.client.get("/api/v1/registry").status_code == 400
    assert askers.client.get("/api/v1/registry?resource=%00").status_code == 400
