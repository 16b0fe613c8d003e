"""`/quarantine`: records that are kept but could not be used."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas.base import NoFilters, OurNumber
from app.api.schemas.quarantine import QuarantineEntry, QuarantineFilters, QuarantinePage
from app.api.service import ReadConnection
from app.api.wire import JsonAnswer, problems
from app.operations.list_quarantine import list_quarantine
from app.operations.quarantine_entries import quarantine_on_the_wire
from app.operations.show_quarantine import show_quarantine

router = APIRouter(prefix="/quarantine", tags=["quarantine"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=QuarantinePage, responses=problems(503))
def get_quarantine(filters: Annotated[QuarantineFilters, Query()], connection: ReadConnection) -> JsonAnswer:
    """List quarantined records, the last one kept first, with the reason and the beginning of their text."""
    before_id = read_cursor(filters.cursor, NUMBER)
    page = list_quarantine(
        connection, label=filters.label, reason=filters.reason, before_id=before_id, limit=filters.limit
    )
    return JsonAnswer(
        {
            "records": [quarantine_on_the_wire(entry) for entry in page.entries],
            "next_cursor": write_cursor(page.next_before_id),
            "counts": [count._asdict() for count in page.counts],
        }
    )


@router.get("/{record_id}", response_model=QuarantineEntry, responses=problems(404, 503))
def get_quarantined_record(
    record_id: Annotated[OurNumber, Path()],
    _: Annotated[NoFilters, Query()],
    connection: ReadConnection,
) -> JsonAnswer:
    """Show one quarantined record with its whole text, as far as it is no longer than 100,000 characters."""
    return JsonAnswer(quarantine_on_the_wire(show_quarantine(connection, record_id), is_whole=True))
