"""`/agreements`: what the parties agree to have measured, how it stands, and why something may happen or not."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import agreements as schemas
from app.api.schemas import dispatches as dispatch_schemas
from app.api.schemas import evidence as evidence_schemas
from app.api.schemas.base import NoFilters, OurNumber
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.api.writing import TheOnce
from app.operations import agree
from app.operations.acting import Acting
from app.operations.agreement_entries import agreement_entry, agreement_page, change_entry, checked_card
from app.operations.answer_once import Answer
from app.operations.dispatch_entries import decision_entries
from app.operations.make_evidence import evidence_of
from measurements.agreements.audit import Subject, SubjectKind
from measurements.agreements.card import Card
from measurements.agreements.people import Act

router = APIRouter(prefix="/agreements", tags=["agreements"], dependencies=[Depends(accepts_json)])
Number = Annotated[OurNumber, Path()]
CardBody = Annotated[Card, Body(description="A measurement card: everything that an agreement fixes.")]


def acting_of(caller: TheCaller, connection: ReadConnection, service: TheService) -> Acting:
    """Who reads."""
    return Acting(connection, caller, service.now_at())


TheReader = Annotated[Acting, Depends(acting_of)]


@router.post("/check", response_model=schemas.CheckedCard, **for_act(Act.READ_AGREEMENTS))
def post_card_check(_: Annotated[NoFilters, Query()], card: CardBody) -> JsonAnswer:
    """Read a measurement card, and give the digest that the parties would vote on. Changes nothing, and keeps nothing.

    That is why it takes no `Idempotency-Key`.
    """
    return JsonAnswer(checked_card(card))


@router.post("", status_code=201, response_model=schemas.Changed, **for_act(Act.DRAFT_AGREEMENT, 422))
def post_agreement(_: Annotated[NoFilters, Query()], card: CardBody, once: TheOnce) -> JsonAnswer:
    """Begin an agreement with a draft of its card."""

    def begin(acting: Acting) -> Answer:
        entry = change_entry(acting, agree.open_agreement(acting, card))
        return Answer(entry, entry["etag"])

    return once.act(card, begin, location=lambda content: f"{once.path}/{content['agreement_id']}")


@router.get("", response_model=schemas.AgreementPage, **for_act(Act.READ_AGREEMENTS))
def get_agreements(filters: Annotated[schemas.AgreementFilters, Query()], acting: TheReader) -> JsonAnswer:
    """List the agreements, and how each stands."""
    after = read_cursor(filters.cursor, NUMBER)
    page = agreement_page(acting, state=filters.state, after=after, limit=filters.limit)
    return JsonAnswer({"agreements": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.get("/{agreement_id}", response_model=schemas.Agreement, **for_act(Act.READ_AGREEMENTS, 404))
def get_agreement(agreement_id: Number, _: Annotated[NoFilters, Query()], acting: TheReader) -> JsonAnswer:
    """Show an agreement: its versions, who voted how and when, and what may be done to it now."""
    entry: dict[str, Any] = agreement_entry(acting, agreement_id)
    return JsonAnswer(entry, headers={"ETag": entry["etag"]})


@router.get("/{agreement_id}/decisions", response_model=dispatch_schemas.Decisions, **for_act(Act.READ_AGREEMENTS, 404))
def get_decisions(
    agreement_id: Number, _: Annotated[NoFilters, Query()], acting: TheReader, service: TheService
) -> JsonAnswer:
    """Say in plain words why each dispatch, and each entry of the card, may happen now, or may not."""
    return JsonAnswer(decision_entries(acting, agreement_id, service.label, service.settings.limits))


@router.get("/{agreement_id}/evidence", response_model=evidence_schemas.Evidence, **for_act(Act.READ_AUDIT, 404))
def get_evidence(
    agreement_id: Number, _: Annotated[NoFilters, Query()], acting: TheReader, service: TheService
) -> JsonAnswer:
    """Give everything that the audit trail says about an agreement, with what proves it, as a document of its own."""
    key_file, checkpoints = service.settings.audit_key_file, service.settings.checkpoints_file
    subject = Subject(SubjectKind.AGREEMENT, agreement_id)
    return JsonAnswer(evidence_of(acting.connection, key_file, checkpoints, subject, acting.now_at))
