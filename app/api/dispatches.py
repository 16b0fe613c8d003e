"""Dispatches of an agreement, and the end of all of them: asked for here, and done by the worker.

The service has no door to RIPE Atlas. It notes what is to be sent or stopped; `rasad worker` does so within moments.
"""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query

from app.api.agreement_acts import NOTHING
from app.api.agreements import Number, TheReader
from app.api.callers import for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import agreements as agreement_schemas
from app.api.schemas import dispatches as schemas
from app.api.schemas.base import Moment, NoFilters, OurNumber
from app.api.schemas.people import PageFilters
from app.api.service import TheService
from app.api.wire import JsonAnswer
from app.api.writing import TheOnce
from app.errors import TYPES
from app.operations.acting import Acting
from app.operations.agreement_entries import change_entry
from app.operations.answer_once import Answer
from app.operations.decide_dispatches import case_of
from app.operations.dispatch_entries import SOON_S, all_objections, dispatch_entry, dispatch_page, one_dispatch
from app.operations.intend_dispatches import intend
from app.operations.settle_dispatches import adopt_measurement, give_up
from app.operations.stop_dispatches import proven_cessation, withdraw_consent
from measurements.agreements.gate import Case, Decision, explained
from measurements.agreements.people import Act
from measurements.agreements.reasons import Reason
from measurements.units import DAY_S, seconds

router = APIRouter(prefix="/agreements/{agreement_id}", tags=["agreements"], dependencies=[Depends(accepts_json)])
WHOLE = schemas.NewDispatch()
PLACES = {
    Reason.BEGINS_BEFORE_AGREEMENT: "/start_at",
    Reason.ENDS_AFTER_AGREEMENT: "/stop_at",
    Reason.ENDS_AFTER_MEMORANDUM: "/stop_at",
    Reason.TOO_MANY_PROBES: "/n_probes",
    Reason.OTHER_PROBES: "/n_probes",
    Reason.TOO_OFTEN: "/entry",
    Reason.OTHER_TARGET: "/entry",
    Reason.OTHER_TYPE: "/entry",
    Reason.OTHER_ADDRESS_FAMILY: "/entry",
    Reason.OTHER_PARAMETERS: "/entry",
    Reason.TOO_MANY_AT_TARGET: "/entry",
    Reason.TOO_MANY_PROBES_FOR_PLATFORM: "/n_probes",
    Reason.TOO_MANY_RESULTS_PER_SECOND: "/n_probes",
    Reason.TOO_MANY_RESULTS_PER_DAY: "/n_probes",
    Reason.TOO_MANY_CREDITS_PER_DAY: "/n_probes",
    Reason.OVER_BUDGET: "/n_probes",
}
"""Where what was handed in could be another, so that it would be permitted."""


@router.get("/dispatches", response_model=schemas.DispatchPage, **for_act(Act.READ_AGREEMENTS, 404))
def get_dispatches(agreement_id: Number, filters: Annotated[PageFilters, Query()], acting: TheReader) -> JsonAnswer:
    """List what was to be measured under an agreement, and what became of it."""
    page = dispatch_page(acting, agreement_id, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"dispatches": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.get("/dispatches/{dispatch_id}", response_model=schemas.Dispatch, **for_act(Act.READ_AGREEMENTS, 404))
def get_dispatch(
    agreement_id: Number,
    dispatch_id: Annotated[OurNumber, Path()],
    _: Annotated[NoFilters, Query()],
    acting: TheReader,
) -> JsonAnswer:
    """Show one of them."""
    return JsonAnswer(one_dispatch(acting, agreement_id, dispatch_id))


@router.post(
    "/dispatches",
    status_code=202,
    response_model=schemas.Dispatch,
    **for_act(Act.REQUEST_MEASUREMENT, 404, 409, 422),
)
def post_dispatch(
    agreement_id: Number,
    _: Annotated[NoFilters, Query()],
    service: TheService,
    once: TheOnce,
    body: Annotated[schemas.NewDispatch, Body()] = WHOLE,
) -> JsonAnswer:
    """Have measured what was agreed on, if the gate says yes: the worker asks it once more, and sends it.

    What was asked for, and what the gate said, are kept either way: `Location` says where. A refusal names every
    objection, and `instance` is where it is kept.
    """

    def request(acting: Acting) -> Answer:
        start_at = _at(body.start_at, acting.now_at + SOON_S)
        made, decision = intend(
            acting, service.label, agreement_id, body.entry - 1,
            start_at=start_at, stop_at=_at(body.stop_at, start_at + DAY_S), n_probes=body.n_probes,
            limits=service.settings.limits,
        )  # fmt: skip
        if decision.is_permitted:
            return Answer(dispatch_entry(made, [decision], acting.now_at), status=HTTPStatus.ACCEPTED)
        case = case_of(acting.connection, made, acting.now_at, service.settings.limits)
        return Answer(_refused(decision, case, f"{once.path}/{made.dispatch_id}"), status=HTTPStatus.CONFLICT)

    def where(content: dict[str, Any]) -> str:
        return str(content["instance"] if "instance" in content else f"{once.path}/{content['dispatch_id']}")

    return once.act(body, request, location=where)


@router.post(
    "/dispatches/{dispatch_id}/settlement",
    response_model=schemas.Dispatch,
    **for_act(Act.REQUEST_MEASUREMENT, 404, 409, 422),
)
def post_settlement(
    agreement_id: Number,
    dispatch_id: Annotated[OurNumber, Path()],
    _: Annotated[NoFilters, Query()],
    once: TheOnce,
    body: Annotated[schemas.Settlement, Body()],
) -> JsonAnswer:
    """Say what became of a dispatch whose answer was lost: its `state` is `undecided`, or `lost`.

    What was found under its tag is in `found`. Whatever it is not, the worker stops.
    """

    def settle(acting: Acting) -> Answer:
        if body.adopt is None:
            give_up(acting, dispatch_id, agreement_id)
        else:
            adopt_measurement(acting, dispatch_id, body.adopt, agreement_id)
        return Answer(one_dispatch(acting, agreement_id, dispatch_id), status=HTTPStatus.OK)

    return once.act(body, settle)


@router.post("/withdrawal", status_code=202, response_model=schemas.Withdrawn, **for_act(Act.WITHDRAW, 404, 409, 422))
def post_withdrawal(
    agreement_id: Number,
    _: Annotated[NoFilters, Query()],
    once: TheOnce,
    body: Annotated[agreement_schemas.Nothing, Body()] = NOTHING,
) -> JsonAnswer:
    """Take one's party's consent back. Nobody has to say why, and one party is enough.

    From this answer on nothing is permitted under the agreement; the worker stops what runs, and reads it back until
    it has stopped. It takes no `If-Match`, since it holds however the agreement stands.
    """
    cessation = f"{once.path.rpartition('/')[0]}/cessation"

    def withdraw(acting: Acting) -> Answer:
        under_way = withdraw_consent(acting, agreement_id)
        stands = change_entry(acting, agreement_id)
        stopping = [{"dispatch_id": one.dispatch_id, "atlas_id": one.atlas_id} for one in under_way]
        told = {"agreement_id": agreement_id, "state": stands["state"], "stopping": stopping}
        return Answer({**told, "cessation": cessation, "etag": stands["etag"]}, stands["etag"], HTTPStatus.ACCEPTED)

    return once.act(body, withdraw, location=lambda content: str(content["cessation"]))


@router.get("/cessation", response_model=schemas.Cessation, **for_act(Act.READ_AGREEMENTS, 404))
def get_cessation(agreement_id: Number, _: Annotated[NoFilters, Query()], acting: TheReader) -> JsonAnswer:
    """Show what a withdrawal has stopped, when it was asked to and when it was read back as stopped."""
    return JsonAnswer(proven_cessation(acting, agreement_id))


def _refused(decision: Decision, case: Case, place: str) -> dict[str, Any]:
    """A problem as `app.errors` tells them; it is no exception here, since what was refused is kept."""
    errors = [
        {"detail": explained(case, one), **({"pointer": PLACES[one]} if one in PLACES else {})}
        for one in all_objections(case)
    ]
    return {
        "type": TYPES + decision.reason.value.replace("_", "-"),
        "title": HTTPStatus.CONFLICT.phrase,
        "status": HTTPStatus.CONFLICT.value,
        "detail": explained(case, decision.reason),
        "instance": place,
        "errors": errors,
    }


def _at(moment: Moment | None, otherwise: int) -> int:
    return otherwise if moment is None else seconds(moment)
