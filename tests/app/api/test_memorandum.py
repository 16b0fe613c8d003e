"""The memorandum's clock over HTTP: what people tell of it, once and for their own party."""

from typing import Any

import pytest

from app.api.schemas.memorandum import Amendment, Memorandum, Notice
from tests.app.api.asking import Asker, refused

MEMORANDUM = "/api/v1/memorandum"
AMBIGUOUS = "2026-09-30T20:00:00Z"
"""30 September in Amsterdam, 1 October in Dushanbe."""


def test_the_memorandum_comes_into_force_by_what_is_told(ours: Asker, theirs: Asker, administrator: Asker) -> None:
    """Three signatures, and a representative's word that there was no notice."""
    assert ours.get(MEMORANDUM).json()["state"] == "not_in_force"
    signers = ((ours, "tojiktelecom"), (theirs, "ripe_ncc"), (administrator, "communications_service"))
    signed = [
        asker.post(f"{MEMORANDUM}/signatures", {"party": party, "signed_on": "2026-03-02"}) for asker, party in signers
    ]
    assert [one.status_code for one in signed] == [201, 201, 201]
    assert signed[-1].json()["state"] == "extension_unconfirmed"
    confirmed = ours.post(f"{MEMORANDUM}/confirmations", {"ends_on": "2026-12-31"})
    told = theirs.get(MEMORANDUM)

    Memorandum.model_validate_json(told.content)
    assert confirmed.status_code == 201
    assert (told.json()["state"], told.json()["ends_on"]) == ("in_force", "2027-12-31")
    assert told.json() == confirmed.json()
    assert told.headers["etag"] == told.json()["etag"] != signed[-1].json()["etag"]
    assert next(one["on"] for one in told.json()["reminders"] if not one["is_past"]) == "2027-06-01"
    assert [one["party"] for one in told.json()["confirmations"]] == ["tojiktelecom"]


def test_nobody_signs_or_gives_notice_for_another_party(ours: Asker, administrator: Asker) -> None:
    """But whoever runs the service records what it was told."""
    signature = {"party": "ripe_ncc", "signed_on": "2026-03-02"}
    notice = {"party": "ripe_ncc", "sent_at": AMBIGUOUS, "recipients": ["tojiktelecom"]}

    for path, content in (("signatures", signature), ("notices", notice)):
        assert refused(ours.post(f"{MEMORANDUM}/{path}", content)) == (403, "of-another-party")
        assert administrator.post(f"{MEMORANDUM}/{path}", content).status_code == 201


def test_an_ambiguous_notice_waits_for_a_ruling(ours: Asker, theirs: Asker) -> None:
    """Nobody confirms past it, and it is ruled on once."""
    given = theirs.post(
        f"{MEMORANDUM}/notices", {"party": "ripe_ncc", "sent_at": AMBIGUOUS, "recipients": ["tojiktelecom"]}
    )
    assert (given.status_code, given.json()["timing"], given.json()["channel"]) == (201, "ambiguous", "letter")
    assert given.json()["not_sent_to"] == ["communications_service"]
    confirmation = {"ends_on": "2026-12-31"}
    assert refused(ours.post(f"{MEMORANDUM}/confirmations", confirmation)) == (409, "notice-given")
    ruling = {"notice_id": given.json()["id"], "is_in_time": False, "reason": "Letter 4"}
    ruled = ours.post(f"{MEMORANDUM}/rulings", ruling)

    Notice.model_validate_json(ruled.content)
    assert (ruled.json()["timing"], ruled.json()["ruling"]["reason"]) == ("late", "Letter 4")
    assert refused(ours.post(f"{MEMORANDUM}/rulings", ruling)) == (409, "unambiguous")
    assert ours.post(f"{MEMORANDUM}/rulings", {**ruling, "notice_id": 99}).status_code == 404
    assert ours.post(f"{MEMORANDUM}/confirmations", confirmation).status_code == 201
    assert refused(ours.post(f"{MEMORANDUM}/confirmations", confirmation)) == (409, "other-term")


def test_an_amendment_is_approved_of_once_by_each_party(ours: Asker, theirs: Asker, administrator: Asker) -> None:
    """And by nobody who speaks for none."""
    proposed = ours.post(f"{MEMORANDUM}/amendments", {"text": "Reading\nis allowed", "is_reading_allowed": True})
    path = f"{MEMORANDUM}/amendments/{proposed.json()['id']}/approvals"
    first, second = ours.post(path, {}, "first"), theirs.post(path, {})

    Amendment.model_validate_json(second.content)
    assert [one["party"] for one in second.json()["approvals"]] == ["ripe_ncc", "tojiktelecom"]
    assert not second.json()["is_agreed"]
    assert refused(ours.post(path, {})) == (409, "approved")
    assert ours.post(path, {}, "first").text == first.text
    assert ours.post(f"{MEMORANDUM}/amendments/99/approvals", {}).status_code == 404
    assert refused(administrator.post(path, {})) == (403, "role-may-not")


@pytest.mark.parametrize(
    ("path", "content", "pointers"),
    [
        ("signatures", {"party": "king", "signed_on": "2026-03-02"}, ["/party"]),
        ("signatures", {"party": "tojiktelecom", "signed_on": "yesterday"}, ["/signed_on"]),
        ("signatures", {"party": "tojiktelecom", "signed_on": "9999-12-31"}, ["/signed_on"]),
        ("signatures", {"party": "tojiktelecom", "signed_on": "0001-01-01"}, ["/signed_on"]),
        ("notices", {"party": "tojiktelecom", "sent_at": "2026-09-30T20:00:00", "recipients": []},
         ["/sent_at", "/recipients"]),
        ("rulings", {"notice_id": 1, "is_in_time": False, "reason": " "}, ["/reason"]),
        ("amendments", {"text": "a\x1b[31mb", "ends_on": "2028-06-30"}, ["/text"]),
        ("amendments", {"text": "x", "ends_on": "9999-12-31"}, ["/ends_on"]),
        ("amendments", {"text": "x" * 4001, "ends_on": "2028-06-30"}, ["/text"]),
        ("confirmations", {}, ["/ends_on"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(ours: Asker, path: str, content: Any, pointers: list[str]) -> None:
    answer = ours.post(f"{MEMORANDUM}/{path}", content)

    assert answer.status_code == 400
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


@pytest.mark.parametrize(
    ("path", "content", "name"),
    [
        ("notices", {"party": "tojiktelecom", "sent_at": "2027-09-12T10:00:00+05:00", "recipients": ["ripe_ncc"]},
         "in-the-future"),
        ("amendments", {"text": "x"}, "empty"),
        ("amendments", {"text": "x", "ends_on": "2026-12-30"}, "in-the-past"),
    ],
)  # fmt: skip
def test_what_cannot_be_says_why(ours: Asker, path: str, content: Any, name: str) -> None:
    assert refused(ours.post(f"{MEMORANDUM}/{path}", content)) == (409, name)
