"""Keys under attack and in use: recognised in constant time, locked out, expired, revoked at once, never told."""

import hmac

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, select, text

from app.api.limiting import Allowance
from app.main import create_app
from app.operations.key_secrets import make_key
from app.operations.recognise_key import LIMITS, NotRecognised, recognise_key
from app.settings import Settings
from app.store.engine import reading, transactions, writing
from app.store.tables import metadata
from app.store.wrong_tries import Kind
from tests.app.people import Member, bearer, wrong
from tests.clocks import ManualClock

ME = "/api/v1/me"
PROBLEM = "application/problem+json"


@pytest.mark.acceptance("agreement.7")
def test_an_unknown_key_costs_what_a_wrong_one_costs(
    engine: Engine, people: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements, and one comparison that takes the same time wherever the digests differ."""
    compared: list[tuple[int, int]] = []
    compare = hmac.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    costs = []
    for key_id in (people["analyst"].key_id, 4711):
        statements.clear()
        with pytest.raises(NotRecognised):
            recognise_key(
                lambda: reading(engine), transactions(engine), make_key(key_id).key, f"198.51.100.{key_id % 256}", 1000
            )
        costs.append(list(statements))

    assert costs[0] == costs[1]
    assert compared == [(32, 32), (32, 32)]


@pytest.mark.acceptance("agreement.7")
def test_what_is_refused_says_how_to_ask(keyed_client: TestClient, people: dict[str, Member]) -> None:
    """And nothing of whether there is such a key."""
    key = people["analyst"].key
    swapped = people["reader"].key.replace(f"rsd_{people['reader'].key_id}_", f"rsd_{people['analyst'].key_id}_")
    sent = [
        wrong(people["analyst"].key_id), wrong(999), bearer(key[:-1]), bearer(key + "x"), bearer(""), bearer(swapped),
        bearer("rsd_999999999999999999999999_x"), {"Authorization": key}, {"Authorization": f"Basic {key}"},
    ]  # fmt: skip
    said = set()
    for headers in sent:
        answer = keyed_client.get(ME, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
        assert answer.headers["www-authenticate"].startswith('Bearer realm="rasad"')
        said.add(answer.json()["detail"])
    assert said == {"The key is not known.", "A key is sent as one header: `Authorization: Bearer …`."}
    assert keyed_client.get(ME, headers=bearer(key)).status_code == 200
    assert keyed_client.get("/api/v1/targets", headers=wrong(999)).status_code == 401


@pytest.mark.acceptance("agreement.7")
@pytest.mark.parametrize("kind", list(Kind))
def test_whoever_guesses_is_locked_out(
    kind: Kind, keyed_client: TestClient, people: dict[str, Member], clock: ManualClock, database_url: str
) -> None:
    """Of one key or of all; in every process; also with the right key, until the time is over."""
    right, limit = people["analyst"], LIMITS[kind]
    for number in range(limit.n_tries):
        key_id = right.key_id if kind is Kind.KEY else 1000 + number
        assert keyed_client.get(ME, headers=wrong(key_id)).status_code == 401

    with TestClient(create_app(Settings(database_url=database_url), clock)) as another:
        for door in (keyed_client, another):
            answer = door.get(ME, headers=right.headers)
            assert (answer.status_code, answer.headers["content-type"]) == (429, PROBLEM)
            assert answer.headers["retry-after"] == str(limit.locked_s)
    assert keyed_client.get(ME, headers=people["reader"].headers).status_code == (200 if kind is Kind.KEY else 429)
    assert keyed_client.get("/api/v1/targets").status_code == 200
    clock.advance(limit.locked_s - 1)
    assert keyed_client.get(ME, headers=right.headers).headers["retry-after"] == "1"
    clock.advance(1)
    assert keyed_client.get(ME, headers=right.headers).status_code == 200


@pytest.mark.acceptance("agreement.7")
def test_a_right_key_between_wrong_ones_excuses_nothing(keyed_client: TestClient, people: dict[str, Member]) -> None:
    """Else whoever has one key could guess others for ever."""
    statuses = []
    for number in range(LIMITS[Kind.ADDRESS].n_tries + 1):
        keyed_client.get(ME, headers=wrong(1000 + number))
        statuses.append(keyed_client.get(ME, headers=people["reader"].headers).status_code)

    assert statuses[-2:] == [429, 429]
    assert set(statuses[:-2]) == {200}


@pytest.mark.acceptance("agreement.7")
def test_a_key_expires(keyed_client: TestClient, people: dict[str, Member], clock: ManualClock) -> None:
    """To the second; whoever holds it is told."""
    headers = {**people["analyst"].headers, "Idempotency-Key": "a"}
    expires = "2026-11-24T09:00:00Z"
    content = {"name": "short", "scopes": ["read"], "expires_at": expires}
    made = keyed_client.post("/api/v1/people/3/keys", json=content, headers=headers).json()
    clock.advance(3599)
    assert keyed_client.get(ME, headers=bearer(made["key"])).status_code == 200
    clock.advance(1)
    answer = keyed_client.get(ME, headers=bearer(made["key"]))

    assert answer.status_code == 401
    assert answer.json()["detail"] == f"The key {made['prefix']}… expired at {expires}."


@pytest.mark.acceptance("agreement.7")
def test_a_revoked_key_opens_nothing_from_that_answer_on(
    keyed_client: TestClient, people: dict[str, Member], database_url: str, clock: ManualClock
) -> None:
    """Here and in another process, over a connection that is open already; nothing remembers that it was good."""
    analyst, administrator = people["analyst"], people["administrator"]
    with TestClient(create_app(Settings(database_url=database_url), clock)) as another:
        for door in (keyed_client, another):
            assert door.get(ME, headers=analyst.headers).status_code == 200
        revoked = keyed_client.delete(f"/api/v1/keys/{analyst.key_id}", headers=administrator.headers).json()
        for door in (keyed_client, another):
            answer = door.get(ME, headers=analyst.headers)
            assert (answer.status_code, answer.json()["type"]) == (401, "urn:rasad:problem:not-recognised")
        again = another.delete(f"/api/v1/keys/{analyst.key_id}", headers=administrator.headers).json()

    assert revoked["revoked_at"] == again["revoked_at"] == "2026-11-24T08:00:00Z"


@pytest.mark.acceptance("agreement.7")
def test_a_key_that_is_revoked_while_its_request_waits_does_nothing(
    keyed_service: FastAPI, engine: Engine, people: dict[str, Member]
) -> None:
    """It is looked at again in the unit of work that would change something."""
    administrator = people["administrator"]
    revocation = text("UPDATE keys SET revoked_at = 1 WHERE id = :id")

    class Waiting(Allowance):
        """Revokes the key after it was recognised."""

        def wait_s(self, key_id: int) -> float:
            with writing(engine) as connection:
                connection.execute(revocation, {"id": administrator.key_id})
            return super().wait_s(key_id)

    keyed_service.state.service = keyed_service.state.service._replace(allowance=Waiting(ManualClock()))
    with TestClient(keyed_service) as keyed_client:
        answer = keyed_client.delete("/api/v1/keys/3", headers=administrator.headers)

    assert (answer.status_code, answer.json()["type"]) == (401, "urn:rasad:problem:not-recognised")
    with reading(engine) as connection:
        assert connection.execute(text("SELECT revoked_at FROM keys WHERE id = 3")).scalar_one() is None


def test_its_last_use_is_noted_once_a_minute(
    keyed_client: TestClient, engine: Engine, people: dict[str, Member], clock: ManualClock
) -> None:
    """After the answer: a read stays a read."""
    used = select(metadata.tables["keys"].c.last_used_at).where(metadata.tables["keys"].c.id == 3)
    seen = []
    for seconds in (0, 59, 1, 30):
        clock.advance(seconds)
        keyed_client.get(ME, headers=people["analyst"].headers)
        with reading(engine) as connection:
            seen.append(connection.execute(used).scalar_one() - int(ManualClock().now().timestamp()))

    assert seen == [0, 0, 60, 60]


def test_a_key_that_asks_too_often_waits(keyed_service: FastAPI, people: dict[str, Member], clock: ManualClock) -> None:
    """So many at once, so many a second after that; another key has an allowance of its own."""
    keyed_service.state.service = keyed_service.state.service._replace(
        allowance=Allowance(clock, at_once=3, per_second=0.5)
    )
    with TestClient(keyed_service) as keyed_client:
        answers = [keyed_client.get(ME, headers=people["analyst"].headers) for _ in range(4)]
        others = keyed_client.get(ME, headers=people["reader"].headers)
        clock.advance(2)
        later = [keyed_client.get(ME, headers=people["analyst"].headers).status_code for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "2"
    assert others.status_code == 200
    assert later == [200, 429]


def test_an_ipv6_network_is_one_client(engine: Engine) -> None:
    """It has more addresses than there are keys."""
    for address in ("2001:db8::1", "2001:db8::2:3", "::ffff:192.0.2.1", "fe80::1%eth0", "unix"):
        with pytest.raises(NotRecognised):
            recognise_key(lambda: reading(engine), transactions(engine), "nothing", address, 1000)
    with reading(engine) as connection:
        found = set(connection.execute(text("SELECT subject FROM wrong_tries")).scalars())

    assert found == {"2001:db8::/64", "192.0.2.1", "fe80::/64", "unix"}
