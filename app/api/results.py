"""`/results`: what probes reported."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Query

from app.api.negotiation import accepts_json
from app.api.paging import INSTANT_AND_NUMBER, read_cursor, write_cursor
from app.api.schemas.base import NoFilters, OurNumber
from app.api.schemas.results import ResultBesideRaw, ResultFilters, ResultPage
from app.api.seeing import TheSeeing
from app.api.service import ReadConnection
from app.api.wire import JsonAnswer, problems
from app.instants import read_instant
from app.operations.list_results import list_results, result_filters
from app.operations.result_entries import entry_on_the_wire
from app.operations.show_result import show_result
from app.operations.sight import withheld_on_the_wire
from app.store.find_results import Cursor

router = APIRouter(prefix="/results", tags=["results"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=ResultPage, responses=problems(503))
def get_results(
    filters: Annotated[ResultFilters, Query()], connection: ReadConnection, seeing: TheSeeing
) -> JsonAnswer:
    """List results, newest first: one entry each, with what it says.

    The order never changes, so pages neither overlap nor leave a gap while results keep coming in.
    """
    wanted = result_filters(
        label=filters.label,
        atlas_ids=filters.atlas_id,
        probe_ids=(*filters.probe, *filters.probe_id),
        types=filters.type,
        target=filters.target,
        address_family=filters.address_family,
        outcomes=filters.outcome,
        from_at=None if filters.from_ is None else read_instant("from", filters.from_),
        to_at=None if filters.to is None else read_instant("to", filters.to),
    )
    place = read_cursor(filters.cursor, INSTANT_AND_NUMBER)
    page = list_results(connection, wanted, seeing.sight, after=place and Cursor(*place), limit=filters.limit)
    seeing.note("results", filters, page.n_held)
    return JsonAnswer(
        {
            "results": [entry_on_the_wire(entry) for entry in page.entries],
            "next_cursor": write_cursor(page.next_cursor),
            "notes": page.notes,
            "withheld": withheld_on_the_wire(page.withheld),
        }
    )


@router.get("/{result_id}", response_model=ResultBesideRaw, responses=problems(404, 503))
def get_result(
    result_id: Annotated[OurNumber, Path()],
    filters: Annotated[NoFilters, Query()],
    connection: ReadConnection,
    seeing: TheSeeing,
) -> JsonAnswer:
    """Show one result: what it says, beside the record it was read from, verbatim."""
    entry = show_result(connection, result_id, seeing.sight)
    seeing.note(f"results/{result_id}", filters, int(not entry.held.is_public))
    return JsonAnswer({"result": entry_on_the_wire(entry), "raw": orjson.Fragment(entry.raw) if entry.raw else None})
