"""People, their keys, and those who represent a party, on the wire."""

from datetime import datetime

from pydantic import Field

from app.api.schemas.base import Answer, Content, Cursor, Filters, Limit, Line, Moment, OurNumber
from measurements.agreements.parties import Duty, Party
from measurements.agreements.people import Act, Reach, Role, Scope


class PageFilters(Filters):
    """Which page of a list."""

    limit: Limit = 100
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before."""


class NewPerson(Content):
    """Somebody to be added."""

    name: Line = Field(examples=["Zarina Rahimova"])
    contact: Line = Field(examples=["zarina@example.net"])
    """How to reach the person: an address, a telephone number."""
    party: Party | None = Field(default=None, examples=[Party.TOJIKTELECOM.value])
    """Null for an observer, and for whoever runs the service."""
    role: Role = Field(examples=[Role.ANALYST.value])


class NewKey(Content):
    """A key to be issued."""

    name: Line = Field(examples=["laptop"])
    """By which its owner tells it from others."""
    scopes: list[Scope] = Field(min_length=1, max_length=len(Scope), examples=[["read"]])
    """What it is good for, as far as the person's role goes: as little as will do."""
    expires_at: Moment | None = None
    """Half a year from now, unless given; at most a year."""


class NewDesignation(Content):
    """A designation to be noted."""

    person_id: OurNumber
    """Who: a representative by role; the party is that person's."""
    duties: list[Duty] = Field(min_length=1, max_length=len(Duty), examples=[["coordination"]])
    act: Line = Field(examples=["Letter 12 of 24 November 2026"])
    """The act or letter by which the party designated the person."""
    from_at: Moment | None = None
    """Now, unless a later instant is given."""
    until_at: Moment | None = None
    """Exclusive. It can be brought forward later, and never put off."""


class DesignationEnd(Content):
    """When a designation ends."""

    until_at: Moment | None = None
    """Exclusive; now, unless a later instant is given."""


class Key(Answer):
    """What is known of a key: not the key."""

    id: int
    name: str
    prefix: str
    """How it begins."""
    scopes: list[Scope]
    issued_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    """To the minute; null where it never was."""
    revoked_at: datetime | None


class IssuedKey(Key):
    """A key that was just issued."""

    key: str | None
    """The key: shown this once. It is kept nowhere, so that a repeated request gets null."""


class Person(Answer):
    """Somebody who works with Rasad."""

    id: int
    name: str
    contact: str
    party: Party | None
    role: Role
    keys: list[Key]


class PeoplePage(Answer):
    """People in order of their number, with their keys."""

    people: list[Person]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class Designation(Answer):
    """Who represents a party, from when to when."""

    id: int
    party: Party
    person_id: int
    name: str
    contact: str
    duties: list[Duty]
    act: str
    from_at: datetime
    until_at: datetime | None
    """Exclusive; null while nobody has ended it."""
    is_holding: bool
    """Whether it holds now."""
    etag: str
    """For `If-Match`, to change it as it was read."""


class DesignationPage(Answer):
    """Designations in order of their number, past ones too."""

    designations: list[Designation]
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class Possible(Answer):
    """Something that may be done."""

    act: Act
    words: str
    reach: Reach
    """About whom."""


class Oneself(Answer):
    """Who one is."""

    person: Person
    key_id: int
    """The key that this was asked with."""
    scopes: list[Scope]
    """What it is good for."""
    designations: list[Designation]
    """Those that hold now."""
    may: list[Possible]
    """What the role and this key allow."""
