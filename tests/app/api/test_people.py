"""People, keys and designations over HTTP: done once, in the state that was meant, and refused by place."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from app.store.engine import reading
from tests.app.api.laboratory import service_on
from tests.app.people import Member, add_people

PEOPLE, DESIGNATIONS = "/api/v1/people", "/api/v1/designations"
NEW = {"name": "Zarina Rahimova", "contact": "zarina@example.net", "party": "tojiktelecom", "role": "analyst"}


@pytest.fixture
def people(engine: Engine) -> dict[str, Member]:
    """Everybody."""
    return add_people(engine)


@pytest.fixture
def client(people: dict[str, Member], database_url: str) -> TestClient:
    """A client of a service on them."""
    assert people
    return TestClient(service_on(database_url))


def post(client: TestClient, path: str, content: Any, who: Member, word: str = "1", **headers: str) -> httpx.Response:
    """Ask for something to be done."""
    always = {**who.headers, "Idempotency-Key": word, "Content-Type": "application/json"}
    answer: httpx.Response = client.post(path, content=json.dumps(content), headers={**always, **headers})
    return answer


def test_one_sees_who_one_is(client: TestClient, people: dict[str, Member]) -> None:
    """The person, the key, the designation, and what may be done with them."""
    told = client.get("/api/v1/me", headers=people["representative"].headers).json()
    reader = client.get("/api/v1/me", headers=people["reader"].headers).json()

    assert (told["person"]["party"], told["person"]["role"]) == ("tojiktelecom", "representative")
    assert [one["duties"] for one in told["designations"]] == [["coordination"]]
    assert {"act": "vote", "words": "vote", "reach": "own party"} in told["may"]
    assert {one["act"] for one in reader["may"]} == {
        "read_public", "see_oneself", "issue_key", "revoke_key", "read_exports",
    }  # fmt: skip


def test_people_are_listed_by_page(client: TestClient, people: dict[str, Member]) -> None:
    """All of them for an auditor, and those of one's party for a representative."""
    seen: list[int] = []
    cursor: str | None = None
    while cursor is not None or not seen:
        query = {"limit": "4"} | ({"cursor": cursor} if cursor else {})
        page = client.get(PEOPLE, params=query, headers=people["auditor"].headers).json()
        seen += [one["id"] for one in page["people"]]
        cursor = page["next_cursor"]
    own = client.get(PEOPLE, headers=people["representative"].headers).json()["people"]

    assert seen == list(range(1, len(people) + 1))
    assert {one["party"] for one in own} == {"tojiktelecom"}
    assert len(own) == 4


def test_the_same_request_is_done_once(client: TestClient, people: dict[str, Member], engine: Engine) -> None:
    """And answered alike, however often it comes, also at the same time."""
    who = people["representative"]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: post(client, PEOPLE, NEW, who), range(4)))

    assert {(answer.status_code, answer.text) for answer in answers} == {(201, answers[0].text)}
    assert sum("idempotent-replayed" in answer.headers for answer in answers) == 3
    with reading(engine) as connection:
        counted = text("SELECT count(*) FROM people WHERE name = 'Zarina Rahimova'")
        assert connection.execute(counted).scalar_one() == 1


def test_another_request_under_the_same_word_is_refused(client: TestClient, people: dict[str, Member]) -> None:
    """Another content or another path; to another person the word is free."""
    who = people["representative"]
    post(client, PEOPLE, NEW, who)
    designation = {"person_id": 9, "duties": ["deputy"], "act": "Letter 2"}

    assert post(client, PEOPLE, {**NEW, "name": "Another"}, who).status_code == 422
    assert post(client, DESIGNATIONS, designation, who).status_code == 422
    assert post(client, PEOPLE, {**NEW, "party": "ripe_ncc"}, people["other_representative"]).status_code == 201


def test_what_failed_may_be_asked_again_under_the_same_word(client: TestClient, people: dict[str, Member]) -> None:
    """Nothing was done, so nothing is kept."""
    who = people["representative"]
    assert post(client, PEOPLE, {**NEW, "role": "administrator"}, who).status_code == 400
    assert post(client, PEOPLE, NEW, who).status_code == 201


def test_a_key_is_shown_once(client: TestClient, people: dict[str, Member]) -> None:
    """A repeated request gets all but the key, which is kept nowhere; the shown one works."""
    content = {"name": "laptop", "scopes": ["read", "speak"]}
    first, second = (post(client, f"{PEOPLE}/2/keys", content, people["representative"]).json() for _ in range(2))

    assert second == {**first, "key": None}
    assert first["key"].startswith(first["prefix"])
    told = client.get("/api/v1/me", headers={"Authorization": f"bearer {first['key']}"}).json()
    assert (told["key_id"], told["scopes"]) == (first["id"], ["read", "speak"])


def test_a_key_makes_no_better_key(client: TestClient, people: dict[str, Member]) -> None:
    """Whoever steals one that manages cannot vote with one it makes; one that only reads makes none."""
    who = people["representative"]
    for word, scopes, status in (("a", ["read", "manage"], 201), ("b", ["read"], 201)):
        made = post(client, f"{PEOPLE}/2/keys", {"name": word, "scopes": scopes}, who, word)
        assert made.status_code == status
        weak = who._replace(key=made.json()["key"])
        stronger = post(client, f"{PEOPLE}/2/keys", {"name": "x", "scopes": ["speak"]}, weak, f"{word}2")
        assert (stronger.status_code, stronger.json()["type"]) == (403, "urn:rasad:problem:scope-missing")
        assert "insufficient_scope" in stronger.headers["www-authenticate"]


def test_whoever_runs_the_service_cannot_become_a_party(client: TestClient, people: dict[str, Member]) -> None:
    """By no key of its people, no person of its own and no designation, once somebody represents it."""
    administrator = people["administrator"]
    for path, content in (
        (f"{PEOPLE}/2/keys", {"name": "x", "scopes": ["speak"]}),
        (f"{PEOPLE}/9/keys", {"name": "x", "scopes": ["speak"]}),
        (PEOPLE, {**NEW, "role": "representative"}),
        (DESIGNATIONS, {"person_id": 9, "duties": ["deputy"], "act": "x"}),
    ):
        answer = post(client, path, content, administrator, path[-9:].replace("/", "-"))
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:rasad:problem:party-speaks-for-itself")
    own = post(client, DESIGNATIONS, {"person_id": 1, "duties": ["deputy"], "act": "x"}, administrator, "own")
    assert (own.status_code, own.json()["errors"][0]["pointer"]) == (400, "/person_id")


def test_what_is_changed_is_what_was_read(client: TestClient, people: dict[str, Member]) -> None:
    """Not said is 428, changed meanwhile 412; a repeated request gets its first answer, although it is changed now."""
    who = people["representative"]
    first = client.get(DESIGNATIONS, headers=who.headers).json()["designations"][0]
    path = f"{DESIGNATIONS}/{first['id']}/end"
    later, sooner = {"until_at": "2027-06-01T00:00:00Z"}, {"until_at": "2027-03-01T00:00:00+05:00"}

    assert post(client, path, later, who).status_code == 428
    ended = post(client, path, later, who, "2", **{"If-Match": f'"x", {first["etag"]}'})
    assert (ended.status_code, ended.headers["etag"]) == (200, ended.json()["etag"])
    assert post(client, path, sooner, who, "3", **{"If-Match": first["etag"]}).status_code == 412
    assert post(client, path, later, who, "2", **{"If-Match": first["etag"]}).text == ended.text
    put_off = post(client, path, {"until_at": "2028-01-01T00:00:00Z"}, who, "4", **{"If-Match": "*"})
    assert (put_off.status_code, put_off.json()["errors"][0]["pointer"]) == (400, "/until_at")
    again = post(client, path, sooner, who, "5", **{"If-Match": ended.headers["etag"]}).json()
    assert again["until_at"] == "2027-02-28T19:00:00Z"


def test_who_ends_its_own_designation_speaks_no_longer(client: TestClient, people: dict[str, Member]) -> None:
    """From that answer on; then whoever runs the service may set the party up again."""
    who = people["representative"]
    ended = client.post(
        f"{DESIGNATIONS}/1/end", headers={**who.headers, "Idempotency-Key": "1", "If-Match": "*"}
    ).json()
    refused = post(client, PEOPLE, NEW, who, "2")
    anew = post(client, DESIGNATIONS, {"person_id": 9, "duties": ["coordination"], "act": "Letter 5"},
                people["administrator"])  # fmt: skip

    assert (ended["until_at"], ended["is_holding"]) == ("2027-01-01T00:00:00Z", False)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:rasad:problem:not-designated")
    assert anew.status_code == 201


@pytest.mark.parametrize(
    ("path", "content", "pointers"),
    [
        (PEOPLE, {**NEW, "salary": 1}, ["/salary"]),
        (PEOPLE, {**NEW, "a/b~c": 1}, ["/a~1b~0c"]),
        (PEOPLE, {**NEW, "\ud800": 1}, [""]),
        (PEOPLE, {"name": "x"}, ["/contact", "/role"]),
        (PEOPLE, {**NEW, "name": " "}, ["/name"]),
        (PEOPLE, {**NEW, "name": "a\x1b[31mb"}, ["/name"]),
        (PEOPLE, {**NEW, "name": "\ud800"}, ["/name"]),
        (PEOPLE, {**NEW, "role": "king"}, ["/role"]),
        (PEOPLE, {**NEW, "role": "representative", "party": None}, ["/party"]),
        (PEOPLE, [NEW], [""]),
        (PEOPLE, "text", [""]),
        (f"{PEOPLE}/2/keys", {"name": "x", "scopes": []}, ["/scopes"]),
        (f"{PEOPLE}/2/keys", {"name": "x", "scopes": ["read", "all"]}, ["/scopes/1"]),
        (f"{PEOPLE}/4/keys", {"name": "x", "scopes": ["speak"]}, ["/scopes"]),
        (f"{PEOPLE}/2/keys", {"name": "x", "scopes": ["read"], "expires_at": "2029-01-01T00:00:00Z"}, ["/expires_at"]),
        (f"{PEOPLE}/2/keys", {"name": "x", "scopes": ["read"], "expires_at": "2026-01-01T00:00:00Z"}, ["/expires_at"]),
        (f"{PEOPLE}/2/keys", {"name": "x", "scopes": ["read"], "expires_at": "2027-02-01T00:00:00"}, ["/expires_at"]),
        (DESIGNATIONS, {"person_id": 3, "duties": ["deputy"], "act": "x"}, ["/person_id"]),
        (DESIGNATIONS, {"person_id": 9, "duties": ["deputy"], "act": "x", "from_at": "2026-01-01T00:00:00Z"},
         ["/from_at"]),
        (DESIGNATIONS, {"person_id": 9, "duties": ["deputy"], "act": "x", "until_at": "2026-01-01T00:00:00Z"},
         ["/until_at"]),
        (f"{DESIGNATIONS}/1/end", {"until_at": "2026-12-31T23:59:59Z"}, ["/until_at"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place(
    client: TestClient, people: dict[str, Member], path: str, content: Any, pointers: list[str]
) -> None:
    """As JSON pointers, all at once, without repeating what was sent."""
    answer = post(client, path, content, people["representative"], **{"If-Match": "*"})

    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:rasad:problem:invalid-content"
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers
    assert "\x1b" not in answer.text


@pytest.mark.parametrize("word", [None, "", "a b", "x" * 256, "ü"])
def test_a_post_takes_an_idempotency_key(client: TestClient, people: dict[str, Member], word: str | None) -> None:
    headers = people["representative"].headers | ({} if word is None else {"Idempotency-Key": word.encode("latin-1")})
    answer = client.post(PEOPLE, json=NEW, headers=headers)

    assert answer.status_code == 400
    assert [error["parameter"] for error in answer.json()["errors"]] == ["Idempotency-Key"]


def test_broken_json_is_named_too(client: TestClient, people: dict[str, Member]) -> None:
    headers = {**people["representative"].headers, "Idempotency-Key": "1", "Content-Type": "application/json"}
    for content in (b"{", b"", b"\xff", b"[" * 100_000):
        answer = client.post(PEOPLE, content=content, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), content[:9]
