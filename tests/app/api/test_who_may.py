"""Every route and every role, and nobody: exactly what the table promises, which is the README's table as well."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.cli.acting import MACHINE
from app.operations import keep_plan
from app.operations.acting import Acting
from app.operations.issue_key import USUAL_S
from app.store.catalogue import put_entry
from app.store.designations import add_designation
from app.store.engine import transactions
from app.store.keys import HeldKey, add_key, next_key_id
from app.store.memorandum import add_amendment, add_notice
from app.store.reminders import add_reminders, list_reminders
from measurements.agreements.parties import Designation, Duty, Party
from measurements.agreements.people import TABLE, Act, Reach, Role, Rule, Scope
from measurements.agreements.plan import Activity, Area, Kind, Milestone
from measurements.agreements.reminders import Due, Topic
from tests.app.api.agreed import filled
from tests.app.api.laboratory import service_on
from tests.app.people import NOW, Member, add_people
from tests.laws.tree import REPOSITORY
from tests.measurements.agreements.making import make_entry

LATER = "2030-01-01T00:00:00Z"
LATER_AT = 1_893_456_000
CALLERS = (None, *Role)
WHOSE = {"own": None, "colleague": "deputy", "other": "other_representative", "vacant": "vacant_representative"}
"""About whom something is done: oneself, one of the same party, of another one, of one that nobody represents."""
NUMBER = re.compile(r"{\w+}")
QUERIES = {"/api/v1/series": "?metric=loss", "/api/v1/registry": "?resource=AS24722"}
"""What has to be asked."""


class Asked(NamedTuple):
    """One request of the matrix."""

    method: str
    path: str
    content: object


Fill = Callable[[Engine, str, str, Member], Asked]


def _key(engine: Engine, method: str, path: str, about: Member) -> Asked:
    """A key of somebody's that nobody uses."""
    with transactions(engine)() as connection:
        key_id = next_key_id(connection)
        held = HeldKey(
            key_id=key_id, person_id=about.person.person_id, name="spare", prefix="rsd_", digest=b"%d" % key_id,
            scopes=frozenset({Scope.READ}), issued_at=NOW, expires_at=NOW + USUAL_S, last_used_at=None,
            revoked_at=None,
        )  # fmt: skip
        add_key(connection, held)
    return Asked(method, path.format(key_id=key_id), None)


def _designation(engine: Engine, method: str, path: str, about: Member) -> Asked:
    """One that does not hold yet, so that nobody gains or loses anything by it."""
    party, person_id = about.person.party or Party.RIPE_NCC, about.person.person_id
    if about.person.party is None:
        person_id = 6
    with transactions(engine)() as connection:
        wanted = Designation(0, party, person_id, frozenset({Duty.DEPUTY}), "Letter 9", LATER_AT, None)
        number = add_designation(connection, wanted).designation_id
    return Asked(method, path.format(designation_id=number), {})


def _issue(_engine: Engine, method: str, path: str, about: Member) -> Asked:
    scope = "read" if about.person.role is not Role.REPRESENTATIVE else "manage"
    return Asked(method, path.format(person_id=about.person.person_id), {"name": "key", "scopes": [scope]})


def _designate(_engine: Engine, method: str, path: str, about: Member) -> Asked:
    content = {"person_id": about.person.person_id, "duties": ["deputy"], "act": "Letter 3", "from_at": LATER}
    return Asked(method, path, content)


def _add(_engine: Engine, method: str, path: str, about: Member) -> Asked:
    party = about.person.party
    return Asked(
        method, path, {"name": "new", "contact": "new", "role": "analyst", "party": party.value if party else None}
    )


def _acknowledge(engine: Engine, method: str, path: str, about: Member) -> Asked:
    """One of the party's own; observers have none, so that it is somebody else's."""
    party = about.person.party or Party.RIPE_NCC
    with transactions(engine)() as connection:
        add_reminders(connection, [Due(date(2026, 12, 1), Topic.TERM_ENDS, "2026-12-31", LATER_AT)], NOW)
        number = next(one.reminder_id for one in list_reminders(connection) if one.party is party)
    return Asked(method, path.format(reminder_id=number), {})


def _sign(_engine: Engine, method: str, path: str, about: Member) -> Asked:
    return Asked(method, path, {"party": about.person.party or Party.RIPE_NCC, "signed_on": "2026-03-02"})


def _give_notice(_engine: Engine, method: str, path: str, about: Member) -> Asked:
    """One that is late, so that it ends nothing."""
    party = about.person.party or Party.RIPE_NCC
    return Asked(method, path, {"party": party, "sent_at": "2026-12-01T00:00:00Z", "recipients": [*Party]})


def _rule(engine: Engine, method: str, path: str, _about: Member) -> Asked:
    """On one that was sent on two days."""
    sent_at = 1_790_798_400
    with transactions(engine)() as connection:
        number = add_notice(connection, Party.RIPE_NCC, sent_at, frozenset(Party), "letter", NOW)
    return Asked(method, path, {"notice_id": number, "is_in_time": False, "reason": "Letter 4"})


def _confirm(_engine: Engine, method: str, path: str, _about: Member) -> Asked:
    return Asked(method, path, {"ends_on": "2026-12-31"})


def _amend(_engine: Engine, method: str, path: str, _about: Member) -> Asked:
    return Asked(method, path, {"text": "Extended", "ends_on": "2028-06-30"})


def _approve(engine: Engine, method: str, path: str, _about: Member) -> Asked:
    with transactions(engine)() as connection:
        number = add_amendment(connection, ends_on=None, is_reading_allowed=False, text="Letter 5", proposed_at=NOW)
    return Asked(method, path.format(amendment_id=number), {})


def _target(engine: Engine, method: str, path: str, about: Member) -> Asked:
    """One that a party owns, or whoever is asked where nobody's party does."""
    owner_party = about.person.party
    with transactions(engine)() as connection:
        put_entry(connection, make_entry(owner_party=owner_party), NOW)
    said = {"owner": "x", "contact": "y", "allowed_types": ["ping"], "max_packets_per_s": "1", "review_at": LATER}
    content = {**said, "owner_party": owner_party} if method == "PUT" else None
    return Asked(method, path.format(name="k-root"), {} if method == "POST" else content)


def _agreement(engine: Engine, method: str, path: str, _about: Member) -> Asked:
    """A draft that an analyst has begun."""
    return Asked(method, *filled(engine, path))


AGREEMENT = "/api/v1/agreements/{agreement_id}"
AGREEMENTS = {
    ("POST", "/api/v1/agreements"),
    ("POST", "/api/v1/agreements/check"),
    ("GET", AGREEMENT),
    *(("GET", f"{AGREEMENT}/{read}") for read in (
        "decisions", "dispatches", "dispatches/{dispatch_id}", "cessation", "evidence",
    )),
    *(("POST", f"{AGREEMENT}/{done}") for done in (
        "drafts", "consultations", "submissions", "votes", "suspensions", "resumptions", "narrowings", "dispatches",
        "withdrawal",
    )),
}  # fmt: skip
"""They are everybody's matter: a person acts for its own party, and cannot say for which."""
FILL: dict[tuple[str, str], Fill] = {
    ("POST", "/api/v1/people"): _add,
    ("POST", "/api/v1/people/{person_id}/keys"): _issue,
    ("DELETE", "/api/v1/keys/{key_id}"): _key,
    ("POST", "/api/v1/designations"): _designate,
    ("POST", "/api/v1/designations/{designation_id}/end"): _designation,
    ("POST", "/api/v1/reminders/{reminder_id}/acknowledgement"): _acknowledge,
    ("POST", "/api/v1/memorandum/signatures"): _sign,
    ("POST", "/api/v1/memorandum/notices"): _give_notice,
    ("POST", "/api/v1/memorandum/rulings"): _rule,
    ("POST", "/api/v1/memorandum/confirmations"): _confirm,
    ("POST", "/api/v1/memorandum/amendments"): _amend,
    ("POST", "/api/v1/memorandum/amendments/{amendment_id}/approvals"): _approve,
    ("GET", "/api/v1/catalogue/{name}"): _target,
    ("PUT", "/api/v1/catalogue/{name}"): _target,
    ("POST", "/api/v1/catalogue/{name}/opt-out"): _target,
    **dict.fromkeys(AGREEMENTS, _agreement),
}
"""What is asked where a path with its numbers filled in is not enough."""
ABOUT_NOBODY = {
    *AGREEMENTS,
    ("POST", "/api/v1/memorandum/rulings"),
    ("POST", "/api/v1/memorandum/confirmations"),
    ("POST", "/api/v1/memorandum/amendments"),
    ("POST", "/api/v1/memorandum/amendments/{amendment_id}/approvals"),
    ("GET", "/api/v1/catalogue/{name}"),
    ("POST", "/api/v1/catalogue/{name}/opt-out"),
}
"""Of those the ones where it does not matter about whom it is: a person does it for its own party, or for all."""
OF_A_STATE = {Act.DECIDE, Act.VOTE, Act.REQUEST_MEASUREMENT, Act.KEEP_RECORDS}
"""What is let pass, and then told that the state of things does not allow it."""


ACTIVITY = {
    "title": "A cable is cut", "area": "II.4", "national_priority": "Skills", "kind": "training", "leads": ["ripe_ncc"]
}  # fmt: skip
MILESTONE = {"title": "Twelve took part", "due_on": "2027-04-30"}
CONTENT: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/plans"): {"title": "Plan"},
    ("PUT", "/api/v1/plans/{plan_id}"): {"title": "Plan"},
    ("POST", "/api/v1/plans/{plan_id}/endorsements"): {"digest": "DIGEST"},
    ("POST", "/api/v1/plans/{plan_id}/activities"): ACTIVITY,
    ("PUT", "/api/v1/activities/{activity_id}"): ACTIVITY,
    ("POST", "/api/v1/activities/{activity_id}/milestones"): MILESTONE,
    ("PUT", "/api/v1/milestones/{milestone_id}"): {**MILESTONE, "status": "done"},
    ("POST", "/api/v1/reviews"): {"held_on": "2026-01-05", "parties": ["ripe_ncc"]},
    ("POST", "/api/v1/reviews/cadence"): {"cadence": "monthly"},
    ("POST", "/api/v1/terms"): {"service": "ripestat", "version": "1", "address": "https://example.net/"},
}
"""What is handed in where it is about nobody."""


def plan_something(engine: Engine) -> None:
    """A plan, an activity and a milestone, each the first one."""
    with transactions(engine)() as connection:
        acting = Acting(connection, MACHINE, NOW)
        keep_plan.open_plan(acting, "Plan")
        leads = frozenset({Party.RIPE_NCC})
        keep_plan.add_activity(acting, Activity(0, 1, "Course", Area.TRAINING, "Skills", Kind.TRAINING, leads))
        keep_plan.add_milestone(acting, Milestone(0, 1, "Twelve took part", date(2027, 4, 30)))


def handed_in(engine: Engine, method: str, path: str) -> dict[str, Any] | None:
    """The content; a digest is that of the plan as it stands."""
    content = CONTENT.get((method, path))
    if content and "digest" in content:
        with transactions(engine)() as connection:
            return {"digest": keep_plan.require_plan(connection, 1).digest}
    return content


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
    assert n_asked == 100


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
    if act in (Act.READ_AGREEMENTS, Act.READ_AUDIT) and status == 404:
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
        assert ask(client, _key(engine, "DELETE", "/api/v1/keys/{key_id}", deputy), deputy, "own") == 200


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
