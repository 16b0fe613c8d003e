"""`/me`, `/people` and `/keys`: who there is, and with which keys."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import people as schemas
from app.api.schemas.base import NoFilters, OurNumber
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.api.writing import TheOnce, TheUnit
from app.operations.acting import Acting
from app.operations.add_person import add_person
from app.operations.answer_once import Answer
from app.operations.issue_key import USUAL_S, issue_key, key_on_the_wire, revoke_key
from app.operations.list_people import oneself, people_page, person_entry
from measurements.agreements.people import Act
from measurements.units import seconds

router = APIRouter(tags=["people"], dependencies=[Depends(accepts_json)])


@router.get("/me", response_model=schemas.Oneself, **for_act(Act.SEE_ONESELF))
def get_oneself(
    _: Annotated[NoFilters, Query()], caller: TheCaller, connection: ReadConnection, service: TheService
) -> JsonAnswer:
    """Show who the key stands for, and what one may do with it."""
    return JsonAnswer(oneself(connection, caller, service.now_at()))


@router.get("/people", response_model=schemas.PeoplePage, **for_act(Act.SEE_PEOPLE))
def get_people(
    filters: Annotated[schemas.PageFilters, Query()], caller: TheCaller, connection: ReadConnection
) -> JsonAnswer:
    """List the people whom one may see, each with what is known of its keys."""
    page = people_page(connection, caller, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"people": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.post("/people", status_code=201, response_model=schemas.Person, **for_act(Act.ADD_PERSON, 422))
def post_person(_: Annotated[NoFilters, Query()], body: schemas.NewPerson, once: TheOnce) -> JsonAnswer:
    """Add a person."""

    def add(acting: Acting) -> Answer:
        person = add_person(acting, name=body.name, contact=body.contact, party=body.party, role=body.role)
        return Answer(person_entry(person))

    return once.act(body, add)


@router.post(
    "/people/{person_id}/keys", status_code=201, response_model=schemas.IssuedKey, **for_act(Act.ISSUE_KEY, 404, 422)
)
def post_key(
    person_id: Annotated[OurNumber, Path()],
    _: Annotated[NoFilters, Query()],
    body: schemas.NewKey,
    once: TheOnce,
) -> JsonAnswer:
    """Issue a key to a person. It is shown in this answer and never again."""

    def issue(acting: Acting) -> Answer:
        expires_at = acting.now_at + USUAL_S if body.expires_at is None else seconds(body.expires_at)
        issued = issue_key(
            acting, person_id=person_id, name=body.name, scopes=frozenset(body.scopes), expires_at=expires_at
        )
        return Answer({**key_on_the_wire(issued.held), "key": issued.key}, shown_once=frozenset({"key"}))

    return once.act(body, issue)


@router.delete("/keys/{key_id}", response_model=schemas.Key, **for_act(Act.REVOKE_KEY, 404))
def delete_key(key_id: Annotated[OurNumber, Path()], _: Annotated[NoFilters, Query()], unit: TheUnit) -> JsonAnswer:
    """Revoke a key at once, whatever its state: to revoke it again changes nothing."""
    return unit.act(lambda acting: Answer(key_on_the_wire(revoke_key(acting, key_id)), status=200))
