"""An audit trail for tests: some deeds of the life of an agreement."""

from collections.abc import Sequence
from typing import Any

from measurements.agreements.audit import GENESIS, Act, Deed, Entry, Subject, SubjectKind, enter
from measurements.agreements.parties import Party

T0 = 1_795_500_000
"""2026-11-24T06:00:00Z."""
AGREEMENT = Subject(SubjectKind.AGREEMENT, 3)
OTHER = Subject(SubjectKind.AGREEMENT, 4)
DIGEST = "ab" * 32
DEEDS = (
    Deed(
        at=T0, act=Act.PERSON_ADDED, person_id=None, subject=Subject(SubjectKind.PERSON, 7), details={"name": "Ҷ. Р."}
    ),
    Deed(at=T0 + 60, act=Act.CARD_DRAFTED, person_id=7, subject=AGREEMENT, version=1, digest=DIGEST, request_id="r-1"),
    Deed(at=T0 + 70, act=Act.CARD_DRAFTED, person_id=8, subject=OTHER, version=1, reason="asked for by\nthe operator"),
    Deed(
        at=T0 + 120,
        act=Act.VOTE_CAST,
        person_id=7,
        party=Party.TOJIKTELECOM,
        designation_id=2,
        subject=AGREEMENT,
        version=1,
        digest=DIGEST,
        details={"choice": "approve"},
    ),
    Deed(at=T0 + 180, act=Act.DISPATCH_ANSWERED, person_id=None, subject=AGREEMENT, answer='{"measurements": [9000]}'),
    Deed(at=T0 + 240, act=Act.AGREEMENT_WITHDRAWN, person_id=9, party=Party.RIPE_NCC, subject=AGREEMENT),
)


def altered(entry: Entry, name: str, value: Any) -> Entry:
    """The entry with another value in one field, of whatever type."""
    changed: dict[str, Any] = {name: value}
    return entry._replace(**changed)


def chain(deeds: Sequence[Deed] = DEEDS) -> list[Entry]:
    """The deeds as a chain, without a database."""
    entries: list[Entry] = []
    for deed in deeds:
        entries.append(enter(deed, len(entries) + 1, entries[-1].hash if entries else GENESIS))
    return entries
