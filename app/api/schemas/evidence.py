"""Evidence of a subject, on the wire: it stands for itself, and says how it is verified."""

from typing import Any

from app.api.schemas.base import Answer


class EvidenceSubject(Answer):
    """What it is evidence of."""

    kind: str
    id: str


class EvidenceLink(Answer):
    """A link of the chain: of others' entries no more than whom they are about."""

    number: int
    content: str
    subject_kind: str
    subject_id: str


class EvidenceEntry(Answer):
    """An entry of the audit trail, and what proves it."""

    number: int
    at_utc: str
    at_dushanbe: str
    says: dict[str, Any]
    """Exactly what is hashed."""
    content: str
    previous: str
    hash: str


class EvidenceCheckpoint(Answer):
    """How long the trail was at an instant, and where it ended, signed."""

    form: str
    at: int
    """Seconds since the epoch, UTC: it is signed so."""
    n_entries: int
    head: str
    """The hash of the last entry."""
    head_act: str
    head_at: int
    """What that entry says was done, and when."""
    key: str
    """By which key it was signed."""
    signature: str


class Evidence(Answer):
    """Everything that the audit trail says about a subject."""

    form: str
    subject: EvidenceSubject
    made_at_utc: str
    made_at_dushanbe: str
    is_sealed: bool
    """Whether a signed checkpoint covers every entry."""
    sealed_up_to: int | None
    """The last entry of the trail that `checkpoint` covers; null where there is no checkpoint of any of these."""
    sealing: str
    """The same in words, and what to do where something is not covered yet."""
    how_to_verify: list[str]
    public_key: str | None
    """To be compared with the one that was given by another way; null while there is none."""
    entries: list[EvidenceEntry]
    previous: str
    links: list[EvidenceLink]
    checkpoint: EvidenceCheckpoint | None
    """Null while none covers any of the entries."""
