"""`/memorandum`: when it is in force and until when, as people tell it.

What is told is added and never changed, so that nothing here takes an `If-Match`.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.schemas import memorandum as schemas
from app.api.schemas.base import NoFilters, OurNumber
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.api.writing import TheOnce
from app.operations import keep_memorandum
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.show_memorandum import amendment_on_the_wire, notice_on_the_wire, show_memorandum
from measurements.agreements.people import Act
from measurements.units import seconds

router = APIRouter(prefix="/memorandum", tags=["memorandum"], dependencies=[Depends(accepts_json)])
NOTHING = schemas.Nothing()


@router.get("", response_model=schemas.Memorandum, **for_act(Act.READ_AGREEMENTS))
def get_memorandum(
    _: Annotated[NoFilters, Query()], caller: TheCaller, connection: ReadConnection, service: TheService
) -> JsonAnswer:
    """Show how the memorandum stands, which dates come next, and all that was told of it."""
    told = show_memorandum(Acting(connection, caller, service.now_at()))
    return JsonAnswer(told, headers={"ETag": told["etag"]})


@router.post("/signatures", status_code=201, response_model=schemas.Memorandum, **for_act(Act.KEEP_RECORDS, 409, 422))
def post_signature(_: Annotated[NoFilters, Query()], body: schemas.NewSignature, once: TheOnce) -> JsonAnswer:
    """Note the day on which a party signed; answered with how the memorandum stands then."""

    def note_it(acting: Acting) -> Answer:
        keep_memorandum.record_signature(acting, body.party, body.signed_on)
        return _memorandum(acting)

    return once.act(body, note_it)


@router.post("/notices", status_code=201, response_model=schemas.Notice, **for_act(Act.KEEP_RECORDS, 409, 422))
def post_notice(_: Annotated[NoFilters, Query()], body: schemas.NewNotice, once: TheOnce) -> JsonAnswer:
    """Note a party's written notice that it wishes no extension, and say whether it came in time."""

    def note_it(acting: Acting) -> Answer:
        number, _timing = keep_memorandum.record_notice(
            acting, body.party, seconds(body.sent_at), frozenset(body.recipients), body.channel
        )
        return Answer(notice_on_the_wire(acting, number))

    return once.act(body, note_it)


@router.post("/rulings", status_code=201, response_model=schemas.Notice, **for_act(Act.KEEP_RECORDS, 404, 409, 422))
def post_ruling(_: Annotated[NoFilters, Query()], body: schemas.NewRuling, once: TheOnce) -> JsonAnswer:
    """Rule on a notice of which the calendars of two zones say different days."""

    def rule(acting: Acting) -> Answer:
        keep_memorandum.rule_on_notice(acting, body.notice_id, is_in_time=body.is_in_time, reason=body.reason)
        return Answer(notice_on_the_wire(acting, body.notice_id))

    return once.act(body, rule)


@router.post("/confirmations", status_code=201, response_model=schemas.Memorandum, **for_act(Act.DECIDE, 409, 422))
def post_confirmation(_: Annotated[NoFilters, Query()], body: schemas.NewConfirmation, once: TheOnce) -> JsonAnswer:
    """Confirm for one's party that nobody gave notice for the current term: then it is extended by a year."""

    def confirm(acting: Acting) -> Answer:
        keep_memorandum.confirm_no_notice(acting, body.ends_on)
        return _memorandum(acting)

    return once.act(body, confirm)


@router.post("/amendments", status_code=201, response_model=schemas.Amendment, **for_act(Act.DECIDE, 409, 422))
def post_amendment(_: Annotated[NoFilters, Query()], body: schemas.NewAmendment, once: TheOnce) -> JsonAnswer:
    """Propose an amendment. It holds once all three parties approve of it; to propose is not to approve."""

    def propose(acting: Acting) -> Answer:
        number = keep_memorandum.propose_amendment(
            acting, text=body.text, ends_on=body.ends_on, is_reading_allowed=body.is_reading_allowed
        )
        return Answer(amendment_on_the_wire(acting, number))

    return once.act(body, propose)


@router.post(
    "/amendments/{amendment_id}/approvals",
    status_code=201,
    response_model=schemas.Amendment,
    **for_act(Act.DECIDE, 404, 409, 422),
)
def post_approval(
    amendment_id: Annotated[OurNumber, Path()],
    _: Annotated[NoFilters, Query()],
    once: TheOnce,
    body: Annotated[schemas.Nothing, Body()] = NOTHING,
) -> JsonAnswer:
    """Approve of an amendment for one's party. What it says never changes, so that one approves of what one read."""

    def approve(acting: Acting) -> Answer:
        keep_memorandum.approve_amendment(acting, amendment_id)
        return Answer(amendment_on_the_wire(acting, amendment_id))

    return once.act(body, approve)


def _memorandum(acting: Acting) -> Answer:
    told = show_memorandum(acting)
    return Answer(told, told["etag"])
