"""`/audit`: what was done, by whom and why. Whether anybody tampered with it, `rasad audit verify` tells.

To verify is to read and hash the whole trail, which grows without end: that is for the command line.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.api.callers import for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import audit as schemas
from app.api.schemas.base import NoFilters, OurNumber
from app.api.service import ReadConnection
from app.api.wire import JsonAnswer
from app.instants import read_instant
from app.operations.list_audit import list_audit, show_audit_entry
from app.store.audit import Wanted
from measurements.agreements.audit import Subject, SubjectKind
from measurements.agreements.people import Act

router = APIRouter(prefix="/audit", tags=["audit"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=schemas.AuditPage, **for_act(Act.READ_AUDIT))
def get_audit(filters: Annotated[schemas.AuditFilters, Query()], connection: ReadConnection) -> JsonAnswer:
    """List what was done, the last first. `rasad audit verify` tells whether all of it is as it was written."""
    wanted = Wanted(_subject(filters.subject), filters.act, _at("from", filters.from_), _at("to", filters.to))
    page = list_audit(connection, wanted, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"entries": page.entries, **page.tip._asdict(), "next_cursor": write_cursor(page.next_after)})


@router.get("/{number}", response_model=schemas.AuditProof, **for_act(Act.READ_AUDIT, 404))
def get_audit_entry(
    number: Annotated[OurNumber, Path()], _: Annotated[NoFilters, Query()], connection: ReadConnection
) -> JsonAnswer:
    """Show one entry: what it says exactly as it was hashed, and its place in the chain."""
    return JsonAnswer(show_audit_entry(connection, number))


def _subject(text: str | None) -> Subject | None:
    kind, _, name = (text or "").partition(":")
    return Subject(SubjectKind(kind), name) if name else None


def _at(field: str, text: str | None) -> int | None:
    return None if text is None else read_instant(field, text)
