"""`/reminders`: what the parties are reminded of, and who acknowledged it."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import reminders as schemas
from app.api.schemas.base import NoFilters, OurNumber
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.api.writing import TheOnce
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.remind import acknowledge_reminder, reminder_entry, reminders_page
from measurements.agreements.people import Act

router = APIRouter(prefix="/reminders", tags=["agreements"], dependencies=[Depends(accepts_json)])
SEEN = schemas.Acknowledgement()


@router.get("", response_model=schemas.ReminderPage, **for_act(Act.READ_REMINDERS))
def get_reminders(
    filters: Annotated[schemas.ReminderFilters, Query()],
    caller: TheCaller,
    connection: ReadConnection,
    service: TheService,
) -> JsonAnswer:
    """List what the parties were reminded of: the memorandum's days, and what ends or is to be looked at."""
    acting, after = Acting(connection, caller, service.now_at()), read_cursor(filters.cursor, NUMBER)
    page = reminders_page(acting, only_open=filters.only_open, after=after, limit=filters.limit)
    return JsonAnswer({"reminders": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.post(
    "/{reminder_id}/acknowledgement",
    response_model=schemas.Reminder,
    **for_act(Act.ACKNOWLEDGE_REMINDER, 404, 422),
)
def post_acknowledgement(
    reminder_id: Annotated[OurNumber, Path()],
    _: Annotated[NoFilters, Query()],
    once: TheOnce,
    body: schemas.Acknowledgement = SEEN,
) -> JsonAnswer:
    """Say for one's party that a reminder was seen. Said again, the first word stays."""

    def acknowledge(acting: Acting) -> Answer:
        return Answer(reminder_entry(acknowledge_reminder(acting, reminder_id)), None, 200)

    return once.act(body, acknowledge)
