"""`/accesses`: who read values of single probes that are not public."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.callers import for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas.accesses import AccessPage
from app.api.schemas.people import PageFilters
from app.api.service import ReadConnection
from app.api.wire import JsonAnswer
from app.operations.list_accesses import access_page
from measurements.agreements.people import Act

router = APIRouter(tags=["audit"], dependencies=[Depends(accepts_json)])


@router.get("/accesses", response_model=AccessPage, **for_act(Act.READ_AUDIT))
def get_accesses(filters: Annotated[PageFilters, Query()], connection: ReadConnection) -> JsonAnswer:
    """List who read values of single probes that are held under agreements, the last reading first."""
    page = access_page(connection, before=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"accesses": page.entries, "next_cursor": write_cursor(page.next_before)})
