"""`/followed`: what is followed on RIPE Atlas, how far collecting is, and who is silent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.negotiation import accepts_json
from app.api.schemas.followed import FollowedFilters, FollowedList
from app.api.seeing import TheSeeing
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer, problems
from app.operations.list_followed import followed_entries, followed_on_the_wire
from app.operations.sight import withheld_on_the_wire

router = APIRouter(prefix="/followed", tags=["followed"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=FollowedList, responses=problems(503))
def get_followed(
    filters: Annotated[FollowedFilters, Query()],
    connection: ReadConnection,
    service: TheService,
    seeing: TheSeeing,
) -> JsonAnswer:
    """List the measurements whose results are kept complete, each with its age and with the probes that are silent."""
    found = followed_entries(connection, filters.label, service.now_at(), seeing.sight)
    seeing.note("followed", filters, found.n_held)
    return JsonAnswer(
        {
            "followed": [followed_on_the_wire(entry) for entry in found.entries],
            "withheld": withheld_on_the_wire(found.withheld),
        }
    )
