"""`/measured`: for everybody, what is measured and under which agreement. The page at /measured says the same."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.negotiation import accepts_json
from app.api.schemas.base import NoFilters
from app.api.schemas.measured import Measured
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.operations.show_measured import show_measured

router = APIRouter(prefix="/measured", tags=["measured"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=Measured)
def get_measured(_: Annotated[NoFilters, Query()], connection: ReadConnection, service: TheService) -> JsonAnswer:
    """Show what is measured now and under which agreement, what has ended, and how to ask for a stop."""
    return JsonAnswer(show_measured(connection, service.now_at(), service.label))
