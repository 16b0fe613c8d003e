"""`/reviews` and `/terms`: what the parties looked at together, and which terms of the platforms were accepted."""

from fastapi import APIRouter, Depends

from app.api.callers import for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.plans import Nothing, Page, Reading
from app.api.schemas import reviews as schemas
from app.api.wire import JsonAnswer
from app.api.writing import TheOnce
from app.operations import keep_reviews
from app.operations.accept_terms import accept_terms, acceptance_page, told_acceptance
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from measurements.agreements.people import Act
from measurements.agreements.reviews import FollowUp, Material, Review

router = APIRouter(tags=["plan"], dependencies=[Depends(accepts_json)])


@router.get("/reviews", response_model=schemas.ReviewPage, **for_act(Act.READ_PLAN))
def get_reviews(filters: Page, acting: Reading) -> JsonAnswer:
    """List the reviews that were held, and by which day the next one is due."""
    page = keep_reviews.review_page(acting, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    following = keep_reviews.next_review(acting.connection)
    return JsonAnswer({"reviews": page.entries, "next_cursor": write_cursor(page.next_after), **following})


@router.post("/reviews", status_code=201, response_model=schemas.Review, **for_act(Act.KEEP_PLAN, 422))
def post_review(_: Nothing, body: schemas.NewReview, once: TheOnce) -> JsonAnswer:
    """Note a review that the parties held."""
    told = Review(
        0, body.held_on, frozenset(body.parties), tuple(body.people),
        tuple(Material(one.name, one.sha256) for one in body.material), tuple(body.decisions),
        tuple(FollowUp(one.what, one.party, one.due_on) for one in body.follow_ups),
    )  # fmt: skip
    return once.act(body, lambda acting: Answer(keep_reviews.told_review(keep_reviews.record_review(acting, told))))


@router.post("/reviews/cadence", status_code=201, response_model=schemas.NextReview, **for_act(Act.KEEP_PLAN, 422))
def post_cadence(_: Nothing, body: schemas.NewCadence, once: TheOnce) -> JsonAnswer:
    """Say how often the parties mean to meet; quarterly unless they say otherwise."""

    def say(acting: Acting) -> Answer:
        keep_reviews.set_cadence(acting, body.cadence)
        return Answer(keep_reviews.next_review(acting.connection))

    return once.act(body, say)


@router.get("/terms", response_model=schemas.AcceptancePage, **for_act(Act.READ_PLAN))
def get_terms(filters: Page, acting: Reading) -> JsonAnswer:
    """List which terms of the RIPE NCC's services were accepted, by whom and when."""
    page = acceptance_page(acting, after=read_cursor(filters.cursor, NUMBER), limit=filters.limit)
    return JsonAnswer({"acceptances": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.post("/terms", status_code=201, response_model=schemas.Acceptance, **for_act(Act.KEEP_PLAN, 422))
def post_terms(_: Nothing, body: schemas.NewAcceptance, once: TheOnce) -> JsonAnswer:
    """Note that whoever asks accepts a version of a service's terms."""

    def accept(acting: Acting) -> Answer:
        made = accept_terms(acting, body.service, version=body.version, address=body.address, sha256=body.sha256)
        return Answer(told_acceptance(made, acting.caller.person))

    return once.act(body, accept)
