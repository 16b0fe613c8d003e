"""`/credits`: whose credits are spent, what is left, and every entry of it.

The service has no door to RIPE Atlas: what that has charged is settled by the worker, daily.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import treasury as schemas
from app.api.schemas.base import NoFilters
from app.api.schemas.people import PageFilters
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.api.writing import TheOnce
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.credit_entries import account_entries, account_entry, entry_page
from app.operations.keep_treasury import allot
from measurements.agreements.people import Act

router = APIRouter(prefix="/credits", tags=["agreements"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=schemas.Accounts, **for_act(Act.READ_CREDITS))
def get_credits(
    _: Annotated[NoFilters, Query()], caller: TheCaller, connection: ReadConnection, service: TheService
) -> JsonAnswer:
    """List who pays for what, what is held for it, what was charged, and what is left."""
    return JsonAnswer({"accounts": account_entries(Acting(connection, caller, service.now_at()))})


@router.get("/entries", response_model=schemas.EntryPage, **for_act(Act.READ_CREDITS))
def get_credit_entries(
    filters: Annotated[PageFilters, Query()], caller: TheCaller, connection: ReadConnection, service: TheService
) -> JsonAnswer:
    """List what was allotted, reserved, committed, settled and released, and for which dispatch."""
    acting = Acting(connection, caller, service.now_at())
    page = entry_page(acting, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"entries": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.post("/allotments", status_code=201, response_model=schemas.Account, **for_act(Act.ALLOT_CREDITS, 404, 422))
def post_allotment(
    _: Annotated[NoFilters, Query()], service: TheService, once: TheOnce, body: schemas.NewAllotment
) -> JsonAnswer:
    """Give credits of one's party to an agreement, or take back what nobody holds.

    From the first allotment on everything under the agreement is paid from an account, or refused as `over_budget`.
    """

    def give(acting: Acting) -> Answer:
        account = allot(acting, service.label, body.agreement_id, body.credits, body.campaign)
        return Answer(account_entry(acting.connection, account))

    return once.act(body, give)
