"""What is asked of each route by the matrix of who may what: one request, about somebody or about nobody."""

from datetime import date
from typing import Any

from sqlalchemy import Engine

from app.cli.acting import MACHINE
from app.operations import keep_catalogue, keep_plan
from app.operations.acting import Acting
from app.operations.issue_key import USUAL_S
from app.operations.keep_probes import exclude_probe
from app.store.catalogue import put_entry
from app.store.designations import add_designation
from app.store.engine import transactions
from app.store.keys import HeldKey, add_key, next_key_id
from app.store.loosenings import find_waiting
from app.store.memorandum import add_amendment, add_notice
from app.store.reminders import add_reminders, list_reminders
from measurements.agreements.catalogue import Consent
from measurements.agreements.parties import Designation, Duty, Party
from measurements.agreements.people import Role, Scope
from measurements.agreements.plan import Activity, Area, Kind, Milestone
from measurements.agreements.reminders import Due, Topic
from measurements.results.outcome import Label
from tests.app.api.agreed import filled
from tests.app.api.asked_of_dispatching import allot, campaign, request
from tests.app.api.asked_one import LATER, Asked, Fill
from tests.app.people import NOW, Member
from tests.measurements.agreements.making import make_entry

LATER_AT = 1_893_456_000
QUERIES = {"/api/v1/series": "?metric=loss", "/api/v1/registry": "?resource=AS24722"}
"""What has to be asked."""


def spare_key(engine: Engine, method: str, path: str, about: Member) -> Asked:
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


def _opted_out(engine: Engine, method: str, path: str, _about: Member) -> Asked:
    """One of which nobody's party is the owner, and whose owner opted out."""
    with transactions(engine)() as connection:
        put_entry(connection, make_entry(owner_party=None, opted_out_at=NOW), NOW)
    return Asked(method, path.format(name="k-root"), {"reference": "letter 9"})


def _loosened(engine: Engine, method: str, path: str, _about: Member) -> Asked:
    """One of which whoever runs the service says that its owner consented."""
    with transactions(engine)() as connection:
        put_entry(connection, make_entry(owner_party=None), NOW)
        keep_catalogue.record_consent(Acting(connection, MACHINE, NOW), "k-root", Consent("letter 9", NOW, None))
        number = find_waiting(connection)["k-root"].number
    return Asked(method, path.format(name="k-root"), {"number": number})


def _exclude(engine: Engine, method: str, path: str, _about: Member) -> Asked:
    """A probe that was excluded before."""
    with transactions(engine)() as connection:
        exclude_probe(Acting(connection, MACHINE, NOW), Label.MEASURED, 7, "odd")
    content = {"reason": "odd"} if method == "PUT" else None
    return Asked(method, path.format(probe_id=7) + "?label=measured", content)


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
        "withdrawal", "dispatches/{dispatch_id}/settlement",
    )),
}  # fmt: skip
"""They are everybody's matter: a person acts for its own party, and cannot say for which."""
CAMPAIGN = "/api/v1/campaigns/{name}"
CAMPAIGNS = {
    ("POST", "/api/v1/campaigns/plan"),
    ("GET", CAMPAIGN),
    ("GET", f"{CAMPAIGN}/summary"),
    ("PUT", CAMPAIGN),
    *(("POST", f"{CAMPAIGN}/{done}") for done in ("pause", "resumption", "stop", "rounds")),
}
FILL: dict[tuple[str, str], Fill] = {
    ("POST", "/api/v1/people"): _add,
    ("POST", "/api/v1/people/{person_id}/keys"): _issue,
    ("DELETE", "/api/v1/keys/{key_id}"): spare_key,
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
    ("POST", "/api/v1/catalogue/{name}/opt-in"): _opted_out,
    ("POST", "/api/v1/catalogue/{name}/confirmations"): _loosened,
    ("PUT", "/api/v1/probes/{probe_id}/exclusion"): _exclude,
    ("DELETE", "/api/v1/probes/{probe_id}/exclusion"): _exclude,
    ("GET", "/api/v1/requests/{request_id}"): request,
    **{
        ("POST", f"/api/v1/requests/{{request_id}}/{done}"): request for done in ("cancellation", "extension", "clones")
    },
    ("POST", "/api/v1/credits/allotments"): allot,
    **dict.fromkeys(AGREEMENTS, _agreement),
    **dict.fromkeys(CAMPAIGNS, campaign),
}
"""What is asked where a path with its numbers filled in is not enough."""
ABOUT_NOBODY = {
    *AGREEMENTS,
    *CAMPAIGNS,
    ("POST", "/api/v1/requests/{request_id}/clones"),
    ("POST", "/api/v1/credits/allotments"),
    ("POST", "/api/v1/memorandum/rulings"),
    ("POST", "/api/v1/memorandum/confirmations"),
    ("POST", "/api/v1/memorandum/amendments"),
    ("POST", "/api/v1/memorandum/amendments/{amendment_id}/approvals"),
    ("GET", "/api/v1/catalogue/{name}"),
    ("POST", "/api/v1/catalogue/{name}/opt-out"),
    ("POST", "/api/v1/catalogue/{name}/opt-in"),
    ("POST", "/api/v1/catalogue/{name}/confirmations"),
    ("PUT", "/api/v1/probes/{probe_id}/exclusion"),
    ("DELETE", "/api/v1/probes/{probe_id}/exclusion"),
}
"""Of those the ones where it does not matter about whom it is: a person does it for its own party, or for all."""


ACTIVITY = {
    "title": "A cable is cut", "area": "II.4", "national_priority": "Skills", "kind": "training", "leads": ["ripe_ncc"]
}  # fmt: skip
MILESTONE = {"title": "Twelve took part", "due_on": "2027-04-30"}
CONTENT: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/requests"): {"targets": ["k-root"]},
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
