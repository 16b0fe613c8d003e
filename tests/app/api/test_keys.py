"""Keys under attack and in use: recognised in constant time, locked out, expired, revoked at once, never told."""

import io
import re
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, event, select, text
from structlog.testing import capture_logs

from app.api.limiting import Allowance
from app.logs import set_up_logs
from app.main import create_app
from app.operations import key_secrets
from app.operations.key_secrets import make_key
from app.operations.recognise_key import LIMITS, NotRecognised, recognise_key
from app.settings import LogFormat, LogLevel, Settings
from app.store.engine import reading, transactions, writing
from app.store.tables import metadata
from app.store.wrong_tries import Kind
from tests.app.people import Member, add_people
from tests.clocks import ManualClock
from tests.running import serving

ME = "/api/v1/me"
PROBLEM = "application/problem+json"
FORGED = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.8", "X-Real-IP": "203.0.113.9"}


@pytest.fixture
def clock() -> ManualClock:
    """Moves when it is told to."""
    return ManualClock()


@pytest.fixture
def people(engine: Engine, clock: ManualClock) -> dict[str, Member]:
    """Everybody, added now."""
    return add_people(engine, int(clock.now().timestamp()))


@pytest.fixture
def app(database_url: str, people: dict[str, Member], clock: ManualClock) -> FastAPI:
    """A service on them."""
    assert people
    return create_app(Settings(database_url=database_url), clock)


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    """A client of it."""
    with TestClient(app) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    """A key as it is sent."""
    return {"Authorization": f"Bearer {key}"}


def wrong(key_id: int) -> dict[str, str]:
    """A key that nobody has, under a number."""
    return bearer(make_key(key_id).key)


@pytest.mark.acceptance("agreement.7")
def test_an_unknown_key_costs_what_a_wrong_one_costs(
    engine: Engine, people: dict[str, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements, and one comparison that takes the same time wherever the digests differ."""
    compared: list[tuple[int, int]] = []
    compare = key_secrets.compare_digest

    def counting(one: bytes, other: bytes) -> bool:
        compared.append((len(one), len(other)))
        return compare(one, other)

    monkeypatch.setattr(key_secrets, "compare_digest", counting)
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
    monkeypatch.undo()
    assert key_secrets.compare_digest is compare


@pytest.mark.acceptance("agreement.7")
def test_what_is_refused_says_how_to_ask(client: TestClient, people: dict[str, Member]) -> None:
    """And nothing of whether there is such a key."""
    key = people["analyst"].key
    swapped = people["reader"].key.replace(f"rsd_{people['reader'].key_id}_", f"rsd_{people['analyst'].key_id}_")
    sent = [
        wrong(people["analyst"].key_id), wrong(999), bearer(key[:-1]), bearer(key + "x"), bearer(""), bearer(swapped),
        bearer("rsd_999999999999999999999999_x"), {"Authorization": key}, {"Authorization": f"Basic {key}"},
    ]  # fmt: skip
    said = set()
    for headers in sent:
        answer = client.get(ME, headers=headers)
        assert (answer.status_code, answer.headers["content-type"]) == (401, PROBLEM)
        assert answer.headers["www-authenticate"].startswith('Bearer realm="rasad"')
        said.add(answer.json()["detail"])
    assert said == {"The key is not known.", "A key is sent as one header: `Authorization: Bearer …`."}
    assert client.get(ME, headers=bearer(key)).status_code == 200
    assert client.get("/api/v1/targets", headers=wrong(999)).status_code == 401


@pytest.mark.acceptance("agreement.7")
@pytest.mark.parametrize("kind", list(Kind))
def test_whoever_guesses_is_locked_out(
    kind: Kind, client: TestClient, people: dict[str, Member], clock: ManualClock, database_url: str
) -> None:
    """Of one key or of all; in every process; also with the right key, until the time is over."""
    right, limit = people["analyst"], LIMITS[kind]
    for number in range(limit.n_tries):
        key_id = right.key_id if kind is Kind.KEY else 1000 + number
        assert client.get(ME, headers=wrong(key_id)).status_code == 401

    with TestClient(create_app(Settings(database_url=database_url), clock)) as another:
        for door in (client, another):
            answer = door.get(ME, headers=right.headers)
            assert (answer.status_code, answer.headers["content-type"]) == (429, PROBLEM)
            assert answer.headers["retry-after"] == str(limit.locked_s)
    assert client.get(ME, headers=people["reader"].headers).status_code == (200 if kind is Kind.KEY else 429)
    assert client.get("/api/v1/targets").status_code == 200
    clock.advance(limit.locked_s - 1)
    assert client.get(ME, headers=right.headers).headers["retry-after"] == "1"
    clock.advance(1)
    assert client.get(ME, headers=right.headers).status_code == 200


@pytest.mark.acceptance("agreement.7")
def test_a_right_key_between_wrong_ones_excuses_nothing(client: TestClient, people: dict[str, Member]) -> None:
    """Else whoever has one key could guess others for ever."""
    statuses = []
    for number in range(LIMITS[Kind.ADDRESS].n_tries + 1):
        client.get(ME, headers=wrong(1000 + number))
        statuses.append(client.get(ME, headers=people["reader"].headers).status_code)

    assert statuses[-2:] == [429, 429]
    assert set(statuses[:-2]) == {200}


@pytest.mark.acceptance("agreement.7")
def test_a_key_expires(client: TestClient, people: dict[str, Member], clock: ManualClock) -> None:
    """To the second; whoever holds it is told."""
    headers = {**people["analyst"].headers, "Idempotency-Key": "a"}
    expires = "2026-11-24T09:00:00Z"
    content = {"name": "short", "scopes": ["read"], "expires_at": expires}
    made = client.post("/api/v1/people/3/keys", json=content, headers=headers).json()
    clock.advance(3599)
    assert client.get(ME, headers=bearer(made["key"])).status_code == 200
    clock.advance(1)
    answer = client.get(ME, headers=bearer(made["key"]))

    assert answer.status_code == 401
    assert answer.json()["detail"] == f"The key {made['prefix']}… expired at {expires}."


@pytest.mark.acceptance("agreement.7")
def test_a_revoked_key_opens_nothing_from_that_answer_on(
    client: TestClient, people: dict[str, Member], database_url: str, clock: ManualClock
) -> None:
    """Here and in another process, over a connection that is open already; nothing remembers that it was good."""
    analyst, administrator = people["analyst"], people["administrator"]
    with TestClient(create_app(Settings(database_url=database_url), clock)) as another:
        for door in (client, another):
            assert door.get(ME, headers=analyst.headers).status_code == 200
        revoked = client.delete(f"/api/v1/keys/{analyst.key_id}", headers=administrator.headers).json()
        for door in (client, another):
            answer = door.get(ME, headers=analyst.headers)
            assert (answer.status_code, answer.json()["type"]) == (401, "urn:rasad:problem:not-recognised")
        again = another.delete(f"/api/v1/keys/{analyst.key_id}", headers=administrator.headers).json()

    assert revoked["revoked_at"] == again["revoked_at"] == "2026-11-24T08:00:00Z"


@pytest.mark.acceptance("agreement.7")
def test_a_key_that_is_revoked_while_its_request_waits_does_nothing(
    app: FastAPI, engine: Engine, people: dict[str, Member]
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

    app.state.service = app.state.service._replace(allowance=Waiting(ManualClock()))
    with TestClient(app) as client:
        answer = client.delete("/api/v1/keys/3", headers=administrator.headers)

    assert answer.status_code == 401
    with reading(engine) as connection:
        assert connection.execute(text("SELECT revoked_at FROM keys WHERE id = 3")).scalar_one() is None


def test_its_last_use_is_noted_once_a_minute(
    client: TestClient, engine: Engine, people: dict[str, Member], clock: ManualClock
) -> None:
    """After the answer: a read stays a read."""
    used = select(metadata.tables["keys"].c.last_used_at).where(metadata.tables["keys"].c.id == 3)
    seen = []
    for seconds in (0, 59, 1, 30):
        clock.advance(seconds)
        client.get(ME, headers=people["analyst"].headers)
        with reading(engine) as connection:
            seen.append(connection.execute(used).scalar_one() - int(ManualClock().now().timestamp()))

    assert seen == [0, 0, 60, 60]


def test_a_key_that_asks_too_often_waits(app: FastAPI, people: dict[str, Member], clock: ManualClock) -> None:
    """So many at once, so many a second after that; another key has an allowance of its own."""
    app.state.service = app.state.service._replace(allowance=Allowance(clock, at_once=3, per_second=0.5))
    with TestClient(app) as client:
        answers = [client.get(ME, headers=people["analyst"].headers) for _ in range(4)]
        others = client.get(ME, headers=people["reader"].headers)
        clock.advance(2)
        later = [client.get(ME, headers=people["analyst"].headers).status_code for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].headers["retry-after"] == "2"
    assert others.status_code == 200
    assert later == [200, 429]


@pytest.mark.acceptance("agreement.7")
def test_no_key_is_in_any_log_error_answer_or_row(
    app: FastAPI, engine: Engine, people: dict[str, Member], clock: ManualClock
) -> None:
    """At the loudest level, with every statement and the traceback of a bug; however a key was sent."""
    told = io.StringIO()
    set_up_logs(LogLevel.DEBUG, LogFormat.JSON, told)
    key, lost = people["representative"].key, make_key(77).key
    answers = []
    with TestClient(app, raise_server_exceptions=False) as client:
        headers = {**bearer(key), "Idempotency-Key": "1"}
        content = {"name": "laptop", "scopes": ["read"]}
        issued = client.post("/api/v1/people/2/keys", json=content, headers=headers).json()["key"]
        for sent in (key, issued, lost, key[:-1] + "~"):
            answers += [client.get(path, headers=bearer(sent)) for path in (ME, "/api/v1/people", "/api/v1/targets")]
            answers.append(client.get("/api/v1/targets", params={"key": sent}))
            answers.append(client.post("/api/v1/people", json={"name": sent, "key": sent}, headers=headers))
            answers.append(client.get(ME, headers={"Authorization": f"Basic {sent}"}))
        clock.advance(3600)
        with writing(engine) as connection:
            connection.execute(text("ALTER TABLE designations RENAME TO gone"))
        broken = client.get(ME, headers=bearer(key))
        with writing(engine) as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO designations"))

    assert broken.status_code == 500
    assert "request failed" in told.getvalue()
    with reading(engine) as connection:
        rows = [str(list(connection.execute(select(table)))) for table in metadata.sorted_tables]
    places = [told.getvalue(), *rows, *(answer.text + str(answer.headers) for answer in [*answers, broken])]
    for secret in (key, issued, lost):
        random_part = re.sub(r"^rsd_\d+_", "", secret)[key_secrets.SHOWN_CHARACTERS :]
        assert not any(random_part in place for place in places)
    assert key not in repr(make_key(1))


@pytest.mark.acceptance("agreement.7")
def test_a_forged_header_of_a_proxy_is_not_looked_at(database_url: str, open_engine: Callable[[str], Engine]) -> None:
    """Of the real service: whatever a client says of where it is, it is counted where it is."""
    with serving(database_url) as client:
        statuses = [
            client.get(ME, headers={**wrong(1000 + number), **FORGED, "X-Forwarded-For": f"203.0.113.{number}"})
            for number in range(LIMITS[Kind.ADDRESS].n_tries + 1)
        ]
    with reading(open_engine(database_url)) as connection:
        found = connection.execute(text("SELECT DISTINCT subject FROM wrong_tries WHERE kind = 'address'")).scalars()
        assert list(found) == ["127.0.0.1"]
    assert [answer.status_code for answer in statuses] == [401] * LIMITS[Kind.ADDRESS].n_tries + [429]


def test_an_ipv6_network_is_one_client(engine: Engine) -> None:
    """It has more addresses than there are keys."""
    for address in ("2001:db8::1", "2001:db8::2:3", "::ffff:192.0.2.1", "fe80::1%eth0", "unix"):
        with pytest.raises(NotRecognised):
            recognise_key(lambda: reading(engine), transactions(engine), "nothing", address, 1000)
    with reading(engine) as connection:
        found = set(connection.execute(text("SELECT subject FROM wrong_tries")).scalars())

    assert found == {"2001:db8::/64", "192.0.2.1", "fe80::/64", "unix"}


@pytest.mark.acceptance("agreement.7")
def test_there_is_no_secret_that_could_be_short_or_a_default() -> None:
    """Every secret that can be set belongs to somebody else and is unset; the service needs none of its own."""
    secrets = [name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)]

    assert {Settings.model_fields[name].default for name in secrets} == {None}
    assert all(name == "key" or name.startswith("atlas_") for name in secrets)


def test_a_lock_out_is_logged_for_whoever_runs_the_service(client: TestClient, people: dict[str, Member]) -> None:
    """Once, with what was locked out."""
    with capture_logs() as lines:
        for _ in range(LIMITS[Kind.KEY].n_tries + 3):
            client.get(ME, headers=wrong(people["reader"].key_id))

    told = [(line["by"], line["who"]) for line in lines if line["log_level"] == "warning"]
    assert told == [("key", str(people["reader"].key_id))]
