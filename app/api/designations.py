"""`/designations`: who represents the parties."""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query

from app.api.callers import for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import people as schemas
from app.api.schemas.base import Moment, NoFilters, OurNumber
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.api.writing import IfMatch, TheOnce
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.designate import designate, designation_on_the_wire, end_designation, etag_of
from app.operations.list_people import designations_page
from app.store.people import find_person
from measurements.agreements.parties import Designation
from measurements.agreements.people import Act
from measurements.units import seconds

router = APIRouter(prefix="/designations", tags=["people"], dependencies=[Depends(accepts_json)])
NOW = schemas.DesignationEnd()


@router.get("", response_model=schemas.DesignationPage, **for_act(Act.SEE_DESIGNATIONS))
def get_designations(
    filters: Annotated[schemas.PageFilters, Query()], connection: ReadConnection, service: TheService
) -> JsonAnswer:
    """List who represents the parties, and who once did."""
    after = read_cursor(filters.cursor, NUMBER)
    page = designations_page(connection, service.now_at(), after=after, limit=filters.limit)
    return JsonAnswer({"designations": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.post("", status_code=201, response_model=schemas.Designation, **for_act(Act.DESIGNATE, 404, 422))
def post_designation(_: Annotated[NoFilters, Query()], body: schemas.NewDesignation, once: TheOnce) -> JsonAnswer:
    """Note that a party designated somebody of its own to represent it."""

    def note_it(acting: Acting) -> Answer:
        designation = designate(
            acting, person_id=body.person_id, duties=frozenset(body.duties), act=body.act,
            from_at=_at(body.from_at), until_at=_at(body.until_at),
        )  # fmt: skip
        return _answer(acting, designation, 201)

    return once.act(body, note_it)


@router.post(
    "/{designation_id}/end", response_model=schemas.Designation, **for_act(Act.END_DESIGNATION, 404, 412, 422, 428)
)
def post_designation_end(
    designation_id: Annotated[OurNumber, Path()],
    _: Annotated[NoFilters, Query()],
    etags: IfMatch,
    once: TheOnce,
    body: Annotated[schemas.DesignationEnd, Body()] = NOW,
) -> JsonAnswer:
    """End a designation. The person's votes stay valid; from its end on the person speaks for the party no longer."""

    def end(acting: Acting) -> Answer:
        ended = end_designation(acting, designation_id, until_at=_at(body.until_at), etags=etags)
        return _answer(acting, ended, 200)

    return once.act(body, end)


def _answer(acting: Acting, designation: Designation, status: int) -> Answer:
    person = find_person(acting.connection, designation.person_id)
    return Answer(designation_on_the_wire(designation, person, acting.now_at), etag_of(designation), status)


def _at(moment: Moment | None) -> int | None:
    return None if moment is None else seconds(moment)
