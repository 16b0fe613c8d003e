"""`/measurements`: what the platform says of them, and so what is expected."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas.measurements import MeasurementFilters, MeasurementPage
from app.api.seeing import TheSeeing
from app.api.service import ReadConnection
from app.api.wire import JsonAnswer, problems
from app.operations.list_measurements import list_measurements, measurement_on_the_wire

router = APIRouter(prefix="/measurements", tags=["measurements"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=MeasurementPage, responses=problems(503))
def get_measurements(
    filters: Annotated[MeasurementFilters, Query()], connection: ReadConnection, seeing: TheSeeing
) -> JsonAnswer:
    """List the measurements of which the platform's objects were taken in; of others nothing is expected."""
    after = read_cursor(filters.cursor, NUMBER)
    page = list_measurements(connection, label=filters.label, target=filters.target, after=after, limit=filters.limit)
    return JsonAnswer(
        {
            "measurements": [measurement_on_the_wire(row, seeing.sight) for row in page.rows],
            "next_cursor": write_cursor(page.next_after),
        }
    )
