"""`/quarantine`: records that are kept but could not be used."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas.base import NoFilters, OurNumber
from app.api.schemas.quarantine import QuarantineEntry, QuarantineFilters, QuarantinePage
from app.api.seeing import TheSeeing
from app.api.service import ReadConnection
from app.api.wire import JsonAnswer, problems
from app.operations.list_quarantine import list_quarantine
from app.operations.quarantine_entries import quarantine_on_the_wire
from app.operations.show_quarantine import show_quarantine
from app.operations.sight import withheld_on_the_wire

router = APIRouter(prefix="/quarantine", tags=["quarantine"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=QuarantinePage, responses=problems(503))
def get_quarantine(
    filters: Annotated[QuarantineFilters, Query()], connection: ReadConnection, seeing: TheSeeing
) -> JsonAnswer:
    """List quarantined records, the last one kept first, with the reason and the beginning of their text."""
    before_id = read_cursor(filters.cursor, NUMBER)
    page = list_quarantine(
        connection, seeing.sight, label=filters.label, reason=filters.reason, before_id=before_id, limit=filters.limit
    )
    seeing.note("quarantine", filters, page.n_held)
    return JsonAnswer(
        {
            "records": [quarantine_on_the_wire(entry) for entry in page.entries],
            "next_cursor": write_cursor(page.next_before_id),
            "counts": [count._asdict() for count in page.counts],
            "withheld": withheld_on_the_wire(page.withheld),
        }
    )


@router.get("/{record_id}", response_model=QuarantineEntry, responses=problems(404, 503))
def get_quarantined_record(
    record_id: Annotated[OurNumber, Path()],
    filters: Annotated[NoFilters, Query()],
    connection: ReadConnection,
    seeing: TheSeeing,
) -> JsonAnswer:
    """Show one quarantined record with its whole text, as far as it is no longer than 100,000 characters."""
    entry = show_quarantine(connection, record_id, seeing.sight)
    seeing.note(f"quarantine/{record_id}", filters, int(not entry.held.is_public))
    return JsonAnswer(quarantine_on_the_wire(entry, is_whole=True))
