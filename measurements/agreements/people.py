"""The people who work with Rasad, their roles, and what each may do: one table, which the README shows as well.

A person belongs to one party, or to none as an observer. Whoever runs the service belongs to none: it sets a party up
while nobody represents it, may take away at any time, and never speaks for anybody (domain sheet, 1.1 and 1.2).
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.parties import Party


class Role(StrEnum):
    """What a person is here for. Each has one."""

    READER = "reader"
    """Reads what was released."""
    ANALYST = "analyst"
    """Asks for measurements, and reads their results."""
    REPRESENTATIVE = "representative"
    """Speaks for its party while the party designates it."""
    AUDITOR = "auditor"
    """Reads everything, changes nothing."""
    ADMINISTRATOR = "administrator"
    """Runs the service, belongs to no party, and cannot vote."""


class Scope(StrEnum):
    """What a key is good for, as far as its person's role goes."""

    READ = "read"
    REQUEST = "request"
    """Asking for measurements."""
    SPEAK = "speak"
    """Speaking for one's party."""
    MANAGE = "manage"
    """People, designations and keys."""


class Act(StrEnum):
    """Something that a person does here."""

    READ_PUBLIC = "read_public"
    SEE_ONESELF = "see_oneself"
    SEE_DESIGNATIONS = "see_designations"
    SEE_PEOPLE = "see_people"
    ADD_PERSON = "add_person"
    ISSUE_KEY = "issue_key"
    REVOKE_KEY = "revoke_key"
    DESIGNATE = "designate"
    END_DESIGNATION = "end_designation"
    READ_EXPORTS = "read_exports"
    READ_PROBE_LEVEL = "read_probe_level"
    READ_AUDIT = "read_audit"
    READ_AGREEMENTS = "read_agreements"
    DRAFT_AGREEMENT = "draft_agreement"
    REQUEST_MEASUREMENT = "request_measurement"
    SEE_REQUESTS = "see_requests"
    CHANGE_REQUEST = "change_request"
    KEEP_RECORDS = "keep_records"
    DECIDE = "decide"
    VOTE = "vote"
    WITHDRAW = "withdraw"
    READ_PLAN = "read_plan"
    KEEP_PLAN = "keep_plan"
    ENDORSE_PLAN = "endorse_plan"
    CONFIRM_TARGET = "confirm_target"
    READ_REMINDERS = "read_reminders"
    ACKNOWLEDGE_REMINDER = "acknowledge_reminder"
    READ_ALERTS = "read_alerts"
    READ_PROBES = "read_probes"
    READ_CREDITS = "read_credits"
    ALLOT_CREDITS = "allot_credits"

    @property
    def explanation(self) -> str:
        """In plain words."""
        return TABLE[self].words


class Reach(StrEnum):
    """Whom a role may do something about."""

    NONE = "–"
    ALL = "yes"
    PARTY = "own party"
    OWN = "own"
    VACANT = "while nobody represents the party"
    """Of a party that nobody represents yet, or no longer; of observers always."""


class Rule(NamedTuple):
    """A row of the table: who may do something, and with which kind of key."""

    words: str
    scope: Scope | None
    """What a key must be good for; None where any will do."""
    reaches: Mapping[Role, Reach]
    """Roles that are not named may not."""
    is_open: bool = False
    """Whether everybody may, without a key."""
    needs_designation: bool = False
    """Whether a representative may only while its party's designation of it holds."""

    def reach(self, role: Role) -> Reach:
        """Whom a role may do it about."""
        return self.reaches.get(role, Reach.NONE)


_EVERYONE = dict.fromkeys(Role, Reach.ALL)
_READER, _ANALYST, _REPRESENTATIVE = Role.READER, Role.ANALYST, Role.REPRESENTATIVE
_AUDITOR, _ADMINISTRATOR = Role.AUDITOR, Role.ADMINISTRATOR
_ALL_BUT_READERS = {role: Reach.ALL for role in Role if role is not _READER}
_OWN_KEYS = {_READER: Reach.OWN, _ANALYST: Reach.OWN, _REPRESENTATIVE: Reach.PARTY}
_PARTY = {_REPRESENTATIVE: Reach.PARTY}
_OWN_REQUESTS = {_ANALYST: Reach.OWN}
_SETS_UP = {**_PARTY, _ADMINISTRATOR: Reach.VACANT}

TABLE: Mapping[Act, Rule] = {
    Act.READ_PUBLIC: Rule("read what is public", None, _EVERYONE, is_open=True),
    Act.SEE_ONESELF: Rule("see who one is, and what one may do", None, _EVERYONE),
    Act.SEE_DESIGNATIONS: Rule("see who represents the parties", Scope.READ, _ALL_BUT_READERS),
    Act.SEE_PEOPLE: Rule(
        "see people and their keys", Scope.READ, {**_PARTY, _AUDITOR: Reach.ALL, _ADMINISTRATOR: Reach.ALL}
    ),
    Act.ADD_PERSON: Rule("add a person", Scope.MANAGE, _SETS_UP, needs_designation=True),
    Act.ISSUE_KEY: Rule(
        "issue a key", Scope.MANAGE, {**_OWN_KEYS, _ADMINISTRATOR: Reach.VACANT}, needs_designation=True
    ),
    Act.REVOKE_KEY: Rule("revoke a key", Scope.MANAGE, {**_OWN_KEYS, _ADMINISTRATOR: Reach.ALL}),
    Act.DESIGNATE: Rule("designate a representative", Scope.MANAGE, _SETS_UP, needs_designation=True),
    Act.END_DESIGNATION: Rule(
        "end a designation", Scope.MANAGE, {**_PARTY, _ADMINISTRATOR: Reach.ALL}, needs_designation=True
    ),
    Act.READ_EXPORTS: Rule("read what was released", Scope.READ, _EVERYONE),
    Act.READ_PROBE_LEVEL: Rule(
        "read data of single probes, as agreed",
        Scope.READ,
        dict.fromkeys((_ANALYST, _REPRESENTATIVE, _AUDITOR), Reach.ALL),
    ),
    Act.READ_AUDIT: Rule(
        "read the audit", Scope.READ, dict.fromkeys((_REPRESENTATIVE, _AUDITOR, _ADMINISTRATOR), Reach.ALL)
    ),
    Act.READ_AGREEMENTS: Rule("read agreements, votes and decisions", Scope.READ, _ALL_BUT_READERS),
    Act.DRAFT_AGREEMENT: Rule(
        "draft a measurement card, and record consultations",
        Scope.REQUEST,
        dict.fromkeys((_ANALYST, _REPRESENTATIVE), Reach.ALL),
    ),
    Act.REQUEST_MEASUREMENT: Rule(
        "have measured what was agreed on", Scope.REQUEST, dict.fromkeys((_ANALYST, _REPRESENTATIVE), Reach.ALL)
    ),
    Act.SEE_REQUESTS: Rule("see what was asked for, and how it stands", Scope.READ, _ALL_BUT_READERS | _OWN_REQUESTS),
    Act.CHANGE_REQUEST: Rule("extend or cancel what was asked for", Scope.REQUEST, _PARTY | _OWN_REQUESTS),
    Act.KEEP_RECORDS: Rule(
        "record signatures, notices, rulings, targets and excluded probes",
        Scope.MANAGE,
        {**_PARTY, _ADMINISTRATOR: Reach.ALL},
        needs_designation=True,
    ),
    Act.DECIDE: Rule(
        "submit, suspend, resume and narrow agreements; confirm and amend the memorandum",
        Scope.SPEAK,
        _PARTY,
        needs_designation=True,
    ),
    Act.VOTE: Rule("vote", Scope.SPEAK, _PARTY, needs_designation=True),
    Act.WITHDRAW: Rule("withdraw", Scope.SPEAK, _PARTY, needs_designation=True),
    Act.READ_PLAN: Rule("read the activity plan, reviews and accepted terms", Scope.READ, _ALL_BUT_READERS),
    Act.KEEP_PLAN: Rule(
        "keep the activity plan and reviews, and accept the platforms' terms",
        Scope.MANAGE,
        {**_PARTY, _ADMINISTRATOR: Reach.ALL},
        needs_designation=True,
    ),
    Act.ENDORSE_PLAN: Rule("endorse the activity plan", Scope.SPEAK, _PARTY, needs_designation=True),
    Act.CONFIRM_TARGET: Rule(
        "confirm where a name leads, and what protects its owner less", Scope.SPEAK, _PARTY, needs_designation=True
    ),
    Act.READ_REMINDERS: Rule("see what the parties are reminded of", Scope.READ, _ALL_BUT_READERS),
    Act.READ_ALERTS: Rule("see what is wrong with the service", Scope.READ, _ALL_BUT_READERS),
    Act.ACKNOWLEDGE_REMINDER: Rule("acknowledge a reminder", Scope.SPEAK, _PARTY, needs_designation=True),
    Act.READ_PROBES: Rule("see which probes are known, and which would be chosen", Scope.READ, _ALL_BUT_READERS),
    Act.READ_CREDITS: Rule("see whose credits are spent, and what is left", Scope.READ, _ALL_BUT_READERS),
    Act.ALLOT_CREDITS: Rule("allot credits to an agreement", Scope.SPEAK, _PARTY, needs_designation=True),
}
"""Everything that may be done, and by whom."""


class Person(NamedTuple):
    """Somebody who works with Rasad."""

    person_id: int
    name: str
    contact: str
    party: Party | None
    """None for an observer, and for whoever runs the service."""
    role: Role


class Caller(NamedTuple):
    """Who asks for something, as a key tells."""

    person: Person
    scopes: frozenset[Scope]
    designation_id: int | None
    """The designation of it that holds now; None where none does."""
    key_id: int | None = None
    """The key it came by; None on the command line."""


class Concern(NamedTuple):
    """Whom an act is about."""

    party: Party | None
    person_id: int | None = None
    is_represented: bool = False
    """Whether somebody represents the party now."""


class Grounds(StrEnum):
    """Why somebody may do something or may not."""

    PERMITTED = "permitted"
    KEY_MISSING = "key_missing"
    ROLE_MAY_NOT = "role_may_not"
    SCOPE_MISSING = "scope_missing"
    NOT_DESIGNATED = "not_designated"
    OF_ANOTHER_PARTY = "of_another_party"
    OF_ANOTHER_PERSON = "of_another_person"
    PARTY_SPEAKS_FOR_ITSELF = "party_speaks_for_itself"

    @property
    def explanation(self) -> str:
        """In plain words, and what to do about it."""
        return _EXPLANATIONS[self]


_EXPLANATIONS = {
    Grounds.PERMITTED: "The role allows it.",
    Grounds.KEY_MISSING: "This takes a key: send it as `Authorization: Bearer …`.",
    Grounds.ROLE_MAY_NOT: "The role does not allow it; `README.md`, “Who may do what”, says whose does.",
    Grounds.SCOPE_MISSING: "The role allows it, and the key is not good for it; use one with the scope that it takes.",
    Grounds.NOT_DESIGNATED: "No designation by the party holds now; until one does, nothing can be changed for it.",
    Grounds.OF_ANOTHER_PARTY: "It is another party's, and nobody acts for two parties.",
    Grounds.OF_ANOTHER_PERSON: "It is another person's.",
    Grounds.PARTY_SPEAKS_FOR_ITSELF: "Somebody represents the party now, who does this for it; whoever runs the "
    "service may only while nobody does.",
}


class Permission(NamedTuple):
    """Whether somebody may do something, and why."""

    is_permitted: bool
    grounds: Grounds


_PERMITTED = Permission(is_permitted=True, grounds=Grounds.PERMITTED)


def may(caller: Caller | None, act: Act, concern: Concern | None = None) -> Permission:
    """Whether somebody, or nobody we know, may do something.

    Without `concern` the answer is about the role and the key alone: whether it could be permitted about anybody.
    """
    rule = TABLE[act]
    if caller is None:
        return _PERMITTED if rule.is_open else _refused(Grounds.KEY_MISSING)
    reach = rule.reach(caller.person.role)
    if reach is Reach.NONE:
        return _refused(Grounds.ROLE_MAY_NOT)
    if rule.scope is not None and rule.scope not in caller.scopes:
        return _refused(Grounds.SCOPE_MISSING)
    if concern is not None and (grounds := _out_of_reach(caller, reach, concern)):
        return _refused(grounds)
    if reach is Reach.PARTY and rule.needs_designation and caller.designation_id is None:
        return _refused(Grounds.NOT_DESIGNATED)
    return _PERMITTED


def usable_scopes(role: Role) -> frozenset[Scope]:
    """What a key of such a person can be good for."""
    return frozenset(rule.scope for rule in TABLE.values() if rule.scope and rule.reach(role) is not Reach.NONE)


def _out_of_reach(caller: Caller, reach: Reach, concern: Concern) -> Grounds | None:
    person = caller.person
    if reach is Reach.PARTY and (person.party is None or concern.party is not person.party):
        return Grounds.OF_ANOTHER_PARTY
    if reach is Reach.OWN and concern.person_id != person.person_id:
        return Grounds.OF_ANOTHER_PERSON
    if reach is Reach.VACANT and concern.is_represented:
        return Grounds.PARTY_SPEAKS_FOR_ITSELF
    return None


def _refused(grounds: Grounds) -> Permission:
    return Permission(is_permitted=False, grounds=grounds)
