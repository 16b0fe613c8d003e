"""Every route and every role, and nobody: exactly what the table promises, which is the README's table as well."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from measurements.agreements.parties import Party
from measurements.agreements.people import TABLE, Act, Reach, Role, Rule
from tests.app.api.asked import ABOUT_NOBODY, FILL, QUERIES, handed_in, plan_something, spare_key
from tests.app.api.asked_one import Asked
from tests.app.api.laboratory import service_on
from tests.app.people import Member, add_people
from tests.laws.tree import REPOSITORY

CALLERS = (None, *Role)
WHOSE = {"own": None, "colleague": "deputy", "other": "other_representative", "vacant": "vacant_representative"}
"""About whom something is done: oneself, one of the same party, of another one, of one that nobody represents."""
NUMBER = re.compile(r"{\w+}")
OF_A_STATE = {Act.DECIDE, Act.VOTE, Act.REQUEST_MEASUREMENT, Act.KEEP_RECORDS}
"""What is let pass, and then told that the state of things does not allow it."""


def routes(client: TestClient) -> Iterator[tuple[Act, str, str]]:
    """What may be asked under which path, as the service describes itself."""
    for path, operations in client.get("/openapi.json").json()["paths"].items():
        for method, operation in operations.items():
            if path.startswith("/api/"):
                yield Act(operation["x-act"]), method.upper(), path


def promised(rule: Rule, caller: Member | None, about: Member, act: Act) -> int:
    """The status that the table promises; 200 for whatever is not refused."""
    if caller is None:
        return 200 if rule.is_open else 401
    reach = rule.reach(caller.person.role)
    is_own_party = about.person.party is not None and about.person.party is caller.person.party
    hidden = 403 if act in (Act.ADD_PERSON, Act.KEEP_RECORDS) else 404
    return {
        Reach.NONE: 403,
        Reach.ALL: 200,
        Reach.PARTY: 200 if is_own_party else hidden,
        Reach.OWN: 200 if about == caller else hidden,
        Reach.VACANT: 200 if about.person.party in (None, Party.COMMUNICATIONS_SERVICE) else 403,
    }[reach]


def ask(client: TestClient, asked: Asked, caller: Member | None, word: str) -> int:
    """Ask, and give the status."""
    headers = {**(caller.headers if caller else {}), "Idempotency-Key": word, "If-Match": "*"}
    status: int = client.request(asked.method, asked.path, json=asked.content, headers=headers).status_code
    return status


@pytest.mark.acceptance("agreement.3")
@pytest.mark.parametrize("name", CALLERS, ids=str)
def test_every_route_and_every_role(name: str | None, engine: Engine, database_url: str) -> None:
    """About oneself, somebody of the same party, of another one, and of one that nobody represents."""
    people = add_people(engine)
    plan_something(engine)
    caller = people[name] if name else None
    n_asked = 0
    with TestClient(service_on(database_url)) as client:
        for act, method, path in list(routes(client)):
            fill = FILL.get((method, path))
            is_about_somebody = fill and (method, path) not in ABOUT_NOBODY
            for whose, member in WHOSE.items() if is_about_somebody else [("own", None)]:
                about = people[member] if member else caller or people["analyst"]
                content = handed_in(engine, method, path)
                asked = fill(engine, method, path, about) if fill else Asked(method, _any(path), content)
                status = ask(client, asked, caller, f"{n_asked}")
                expected = promised(TABLE[act], caller, about, act)
                case = f"{name} {method} {path} of {whose}: {status}, promised was {expected}"
                if expected == 200:
                    assert _is_let_pass(act, status, about), case
                else:
                    assert status == expected, case
                n_asked += 1
    assert n_asked == 138


def _any(path: str) -> str:
    return NUMBER.sub("1", path) + QUERIES.get(path, "")


def _is_let_pass(act: Act, status: int, about: Member) -> bool:
    """Whether it was not refused; to designate one who is no representative by role makes no sense, and is told so,
    as is that a party's signature was recorded.
    """
    if act is Act.READ_PUBLIC:
        return status in (200, 404)
    if act is Act.DESIGNATE and about.person.role is not Role.REPRESENTATIVE:
        return status == 400
    if act in (Act.READ_AGREEMENTS, Act.READ_AUDIT, Act.REQUEST_MEASUREMENT) and status == 404:
        return True  # it has no dispatch, nobody withdrew from it, and no checkpoint was made
    return status in (200, 201, 202) or (act in OF_A_STATE and status == 409)


@pytest.mark.acceptance("agreement.3")
def test_who_is_designated_no_longer_changes_nothing(engine: Engine, database_url: str) -> None:
    """Though of the party, and a representative by role; only its own key may it throw away."""
    people = add_people(engine)
    deputy = people["deputy"]
    with TestClient(service_on(database_url)) as client:
        for act, method, path in list(routes(client)):
            if TABLE[act].needs_designation:
                fill = FILL.get((method, path))
                asked = fill(engine, method, path, deputy) if fill else Asked(method, _any(path), None)
                assert ask(client, asked, deputy, path) == 403, path
        assert ask(client, spare_key(engine, "DELETE", "/api/v1/keys/{key_id}", deputy), deputy, "own") == 200


@pytest.mark.acceptance("agreement.3")
def test_what_is_anothers_is_answered_like_what_does_not_exist(engine: Engine, database_url: str) -> None:
    """Word for word, but for the number that was asked for."""
    people = add_people(engine)
    representative, other = people["representative"], people["other_representative"]
    contents: dict[str, dict[str, Any]] = {"keys": {"name": "key", "scopes": ["read"]}, "end": {}}
    with TestClient(service_on(database_url)) as client:
        for method, path, number in (
            ("POST", "/api/v1/people/{}/keys", other.person.person_id),
            ("DELETE", "/api/v1/keys/{}", other.key_id),
            ("POST", "/api/v1/designations/{}/end", 2),
        ):
            answers = []
            for asked in (number, 9999):
                headers = {**representative.headers, "Idempotency-Key": f"{asked}", "If-Match": '"x"'}
                content = contents.get(path.rpartition("/")[2])
                answer = client.request(method, path.format(asked), json=content, headers=headers)
                answers.append((answer.status_code, answer.text.replace(str(asked), "N")))
            assert answers[0] == answers[1], path
            assert answers[0][0] == 404


def told(rule: Rule, role: Role) -> str:
    """A cell of the README's table."""
    reach = rule.reach(role)
    return f"{reach}, while designated" if reach is Reach.PARTY and rule.needs_designation else reach.value


@pytest.mark.acceptance("agreement.3")
def test_the_table_is_the_readmes(database_url: str) -> None:
    """Row for row, with the addresses by which each thing is done."""
    with TestClient(service_on(database_url)) as client:
        addresses: dict[Act, list[str]] = {act: [] for act in Act}
        for act, method, path in routes(client):
            addresses[act].append(f"`{method} {NUMBER.sub('{id}', path)}`")
    rows = [f"| to | over HTTP | nobody | {' | '.join(Role)} |", f"|---|---|---|{'---|' * len(Role)}"]
    for act, rule in TABLE.items():
        by = "all others" if act is Act.READ_PUBLIC else ", ".join(addresses[act])
        cells = [rule.words, by, "yes" if rule.is_open else "–", *(told(rule, role) for role in Role)]
        rows.append(f"| {' | '.join(cells)} |")

    assert "\n".join(rows) in (REPOSITORY / "README.md").read_text("utf-8")
    assert set(TABLE) == set(Act)
