"""`/series`: a metric over time."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from app.api.negotiation import CSV, JSON, VARY, is_ruled_out, preferred
from app.api.schemas.series import SeriesAnswer, SeriesFilters
from app.api.seeing import TheSeeing
from app.api.service import ReadConnection, TheService
from app.api.wire import CsvAnswer, JsonAnswer, csv_bytes, problems
from app.errors import NotAcceptable
from app.instants import read_instant
from app.operations.read_series import query_on_the_wire, read_series, row_on_the_wire
from app.operations.sight import withheld_on_the_wire
from measurements.errors import InvalidFilter
from measurements.series.query import SeriesQuery, series_query
from measurements.series.rows import COLUMNS

router = APIRouter(prefix="/series", tags=["series"])
FORMATS = {"json": JSON, "csv": CSV}
HOW_TO_ASK = "Ask with `format=csv` or `Accept: text/csv`, with `format=json` or `Accept: application/json`."
_CSV_ANSWER: dict[str, Any] = {"content": {CSV: {"schema": {"type": "string"}}}}


@router.get("", response_model=SeriesAnswer, responses={200: _CSV_ANSWER, **problems(503)})
def get_series(
    filters: Annotated[SeriesFilters, Query()],
    request: Request,
    connection: ReadConnection,
    service: TheService,
    seeing: TheSeeing,
) -> Response:
    """Read a series: one row per bin and per probe, network or country, with its interval and what it rests on.

    Where there are too few probes or networks for a figure, `value` is null and `flags` say why.
    """
    media_type = _media_type(filters.format, request)
    query = _as_asked(filters)
    answer = read_series(connection, query, seeing.sight, now=service.now_at())
    seeing.note("series", filters, answer.n_held)
    rows = map(row_on_the_wire, answer.rows)
    if media_type == CSV:
        return CsvAnswer(csv_bytes(COLUMNS, rows), f"{query.metric.name}-{query.target}-{query.label}", VARY)
    return JsonAnswer(
        {
            "query": query_on_the_wire(query),
            "rows": list(rows),
            "notes": answer.notes,
            "withheld": withheld_on_the_wire(answer.withheld),
        },
        headers=VARY,
    )


def _media_type(asked: str | None, request: Request) -> str:
    """What is asked for by name need not be accepted as well, but may not be ruled out."""
    if asked is None:
        return preferred(request, JSON, CSV, how_to_ask=HOW_TO_ASK)
    if is_ruled_out(request, FORMATS[asked]):
        raise NotAcceptable((JSON, CSV), HOW_TO_ASK)
    return FORMATS[asked]


def _as_asked(filters: SeriesFilters) -> SeriesQuery:
    try:
        return _query(filters)
    except InvalidFilter as error:
        if error.field == "country" and filters.country is None:  # told under the name that was used
            raise InvalidFilter("country_code", str(error)) from None
        raise


def _query(filters: SeriesFilters) -> SeriesQuery:
    return series_query(
        metric=filters.metric,
        target=filters.target,
        type=filters.type,
        address_family=filters.address_family,
        probe_ids=(*filters.probe, *filters.probe_id),
        asns=filters.asn,
        country_code=_country(filters),
        atlas_ids=filters.atlas_id,
        protocol=filters.protocol,
        from_at=None if filters.from_ is None else read_instant("from", filters.from_),
        to_at=None if filters.to is None else read_instant("to", filters.to),
        bin=filters.bin,
        scope=filters.scope,
        label=filters.label,
        weight=filters.weight,
    )


def _country(filters: SeriesFilters) -> str | None:
    if filters.country is None or filters.country_code is None:
        return filters.country_code if filters.country is None else filters.country
    if filters.country.upper() != filters.country_code.upper():
        raise InvalidFilter("country_code", "contradicts `country`, which means the same")
    return filters.country
