"""`/targets`: what results are about."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.negotiation import accepts_json
from app.api.paging import NAME, read_cursor, write_cursor
from app.api.schemas.targets import TargetFilters, TargetPage
from app.api.service import ReadConnection
from app.api.wire import JsonAnswer, problems
from app.operations.list_targets import list_targets, target_on_the_wire

router = APIRouter(prefix="/targets", tags=["targets"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=TargetPage, responses=problems(503))
def get_targets(filters: Annotated[TargetFilters, Query()], connection: ReadConnection) -> JsonAnswer:
    """List targets in order of name: those known by name, and all that results were about, with what is held."""
    after = read_cursor(filters.cursor, NAME)
    page = list_targets(connection, after=after, limit=filters.limit)
    return JsonAnswer(
        {
            "targets": [target_on_the_wire(entry) for entry in page.entries],
            "next_cursor": write_cursor(page.next_after),
        }
    )
