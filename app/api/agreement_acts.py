"""What is done to an agreement: draft, consult, submit, vote, suspend, resume, narrow.

Each is done to the agreement as it was read, and answered with how it stands after that.
"""

from collections.abc import Callable
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel

from app.api.agreements import CardBody, Number
from app.api.callers import for_act
from app.api.negotiation import accepts_json
from app.api.schemas import agreements as schemas
from app.api.schemas.base import NoFilters
from app.api.wire import JsonAnswer
from app.api.writing import IfMatch, TheOnce
from app.operations import agree
from app.operations.acting import Acting
from app.operations.agreement_entries import change_entry, require_unchanged
from app.operations.answer_once import Answer
from measurements.agreements.agreement import Consultation
from measurements.agreements.people import Act
from measurements.units import seconds

router = APIRouter(prefix="/agreements/{agreement_id}", tags=["agreements"], dependencies=[Depends(accepts_json)])
PROBLEMS = (404, 409, 412, 422, 428)
NOTHING = schemas.Nothing()


class Change(NamedTuple):
    """Does something to an agreement once, if it is as it was read."""

    agreement_id: int
    etags: tuple[str, ...] | None
    once: TheOnce

    def act(self, body: BaseModel, act: Callable[[Acting], object]) -> JsonAnswer:
        """Act, and answer with how it stands."""

        def change(acting: Acting) -> Answer:
            require_unchanged(acting, self.agreement_id, self.etags)
            act(acting)
            entry = change_entry(acting, self.agreement_id)
            return Answer(entry, entry["etag"], 200)

        return self.once.act(body, change)


def change_of(agreement_id: Number, _: Annotated[NoFilters, Query()], etags: IfMatch, once: TheOnce) -> Change:
    """What a request changes."""
    return Change(agreement_id, etags, once)


TheChange = Annotated[Change, Depends(change_of)]


@router.post("/drafts", response_model=schemas.Changed, **for_act(Act.DRAFT_AGREEMENT, *PROBLEMS))
def post_draft(card: CardBody, change: TheChange) -> JsonAnswer:
    """Put another card in the place of the draft, or after what was consulted about."""
    return change.act(card, lambda acting: agree.draft_card(acting, change.agreement_id, card))


@router.post("/consultations", response_model=schemas.Changed, **for_act(Act.DRAFT_AGREEMENT, *PROBLEMS))
def post_consultation(body: schemas.NewConsultation, change: TheChange) -> JsonAnswer:
    """Note that the newest version was discussed with parties: all three, before it is submitted."""

    def consult(acting: Acting) -> None:
        held_at = acting.now_at if body.held_at is None else seconds(body.held_at)
        talks = Consultation(held_at, frozenset(body.parties), body.shown, body.comments)
        agree.record_consultation(acting, change.agreement_id, talks)

    return change.act(body, consult)


@router.post("/submissions", response_model=schemas.Changed, **for_act(Act.DECIDE, *PROBLEMS))
def post_submission(change: TheChange, body: Annotated[schemas.Nothing, Body()] = NOTHING) -> JsonAnswer:
    """Put the newest version before the parties: the answer has the digest that they vote on."""
    return change.act(body, lambda acting: agree.submit_version(acting, change.agreement_id))


@router.post("/votes", response_model=schemas.Changed, **for_act(Act.VOTE, *PROBLEMS))
def post_vote(body: schemas.NewVote, change: TheChange) -> JsonAnswer:
    """Cast one's party's vote on a digest, once on a version; publicity is approved of on its own."""

    def vote(acting: Acting) -> None:
        public = body.approves_publicity
        agree.cast_vote(acting, change.agreement_id, body.digest, body.choice, approves_publicity=public)

    return change.act(body, vote)


@router.post("/suspensions", response_model=schemas.Changed, **for_act(Act.DECIDE, *PROBLEMS))
def post_suspension(body: schemas.NewSuspension, change: TheChange) -> JsonAnswer:
    """Have nothing measured under it until it is resumed; the worker stops what runs."""
    return change.act(body, lambda acting: agree.suspend_agreement(acting, change.agreement_id, body.cause))


@router.post("/resumptions", response_model=schemas.Changed, **for_act(Act.DECIDE, *PROBLEMS))
def post_resumption(change: TheChange, body: Annotated[schemas.Nothing, Body()] = NOTHING) -> JsonAnswer:
    """Go on with an agreement that was suspended. What was stopped stays so, and has to be dispatched anew."""
    return change.act(body, lambda acting: agree.resume_agreement(acting, change.agreement_id))


@router.post("/narrowings", response_model=schemas.Changed, **for_act(Act.DECIDE, *PROBLEMS))
def post_narrowing(card: CardBody, change: TheChange) -> JsonAnswer:
    """Have less measured than was agreed on, without another vote, where the card says that a party may."""
    return change.act(card, lambda acting: agree.narrow_agreement(acting, change.agreement_id, card))
