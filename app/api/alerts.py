"""`/alerts`: what is wrong with the service, and what was."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import alerts as schemas
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.operations.acting import Acting
from app.operations.list_alerts import alerts_page
from measurements.agreements.people import Act

router = APIRouter(prefix="/alerts", tags=["alerts"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=schemas.AlertPage, **for_act(Act.READ_ALERTS))
def get_alerts(
    filters: Annotated[schemas.AlertFilters, Query()],
    caller: TheCaller,
    connection: ReadConnection,
    service: TheService,
) -> JsonAnswer:
    """List what is wrong and what was, the newest first: silence, tasks that fail, credits, disk, backups."""
    acting, before = Acting(connection, caller, service.now_at()), read_cursor(filters.cursor, NUMBER)
    page = alerts_page(acting, only_open=filters.only_open, before=before, limit=filters.limit)
    return JsonAnswer({"alerts": page.entries, "next_cursor": write_cursor(page.next_before)})
