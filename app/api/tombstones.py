"""`/tombstones`: what was erased, as agreements say it must be, and why."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.callers import for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas.people import PageFilters
from app.api.schemas.tombstones import TombstonePage
from app.api.service import ReadConnection
from app.api.wire import JsonAnswer
from app.operations.show_retention import tombstone_page
from measurements.agreements.people import Act

router = APIRouter(tags=["audit"], dependencies=[Depends(accepts_json)])


@router.get("/tombstones", response_model=TombstonePage, **for_act(Act.READ_AUDIT))
def get_tombstones(filters: Annotated[PageFilters, Query()], connection: ReadConnection) -> JsonAnswer:
    """List what was erased as agreements say: of each erasure no more than that it was, and why. The last one first."""
    page = tombstone_page(connection, before=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"tombstones": page.entries, "next_cursor": write_cursor(page.next_before)})
