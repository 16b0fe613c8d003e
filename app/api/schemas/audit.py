"""The audit trail on the wire: entries as they are held, and what proves them."""

from typing import Annotated, Any

from pydantic import Field

from app.api.schemas.base import Answer, Cursor, Filters, Limit
from measurements.agreements.audit import Act, SubjectKind

SUBJECT = rf"^({'|'.join(SubjectKind)}):[^\x00]+$"


class AuditFilters(Filters):
    """Which entries."""

    act: Act | None = None
    """Only of this kind."""
    subject: Annotated[str, Field(max_length=255, pattern=SUBJECT)] | None = None
    """Only about this: kind and number or name, as `agreement:3`."""
    from_: str | None = Field(default=None, alias="from", examples=["2026-11-23"])
    """From this instant or day (UTC) on."""
    to: str | None = Field(default=None, examples=["2027-11-24"])
    """Before this instant or day (UTC)."""
    limit: Limit = 100
    """At most so many entries."""
    cursor: Cursor | None = None
    """`next_cursor` of the page before."""


class Told(Answer):
    """An instant by the clocks of both zones."""

    number: int
    """1, 2, 3 and so on without gaps."""
    at_utc: str
    at_dushanbe: str


class AuditEntry(Told):
    """What was done. Texts are as they are held, whatever they say: a damaged trail can be read as well."""

    act: str
    """What was done."""
    actor: str
    """The number of a person, or `service`."""
    party: str | None
    """On whose behalf."""
    designation_id: int | None
    """By which designation."""
    subject_kind: str
    subject_id: str
    """What it was done to."""
    version: int | None
    """Of the subject."""
    digest: str | None
    """Of that version."""
    reason: str | None
    request_id: str | None
    answer: str | None
    """The platform's, as the JSON text that it gave."""
    details: str | None
    """A JSON object, as the text that is hashed."""
    previous: str
    """The hash of the entry before."""
    hash: str


class AuditPage(Answer):
    """Entries, the last one first."""

    entries: list[AuditEntry]
    n_entries: int
    """How long the whole trail is."""
    head: str
    """The hash of its last entry: who keeps it can tell later whether anything before it was changed."""
    next_cursor: str | None
    """Pass it as `cursor` for the next page; null on the last."""


class AuditProof(Told):
    """An entry with its place in the chain: `says` gives `content`, and that with its place gives `hash`."""

    says: dict[str, Any]
    """Exactly as it is hashed, in the form of RFC 8785."""
    content: str
    """SHA-256 of `says`."""
    previous: str
    """The hash of the entry before."""
    hash: str
    """SHA-256 of the JSON object of `content`, `number`, `previous`, `subject_id` and `subject_kind`."""
