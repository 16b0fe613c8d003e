"""`/metrics` of the API: the catalogue of metrics, not to be confused with the service's own counters."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.negotiation import accepts_json
from app.api.schemas.base import NoFilters
from app.api.schemas.metrics import MetricCatalogue
from app.api.wire import JsonAnswer, problems
from app.operations.list_metrics import list_metrics

router = APIRouter(prefix="/metrics", tags=["series"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=MetricCatalogue, responses=problems())
def get_metric_catalogue(_: Annotated[NoFilters, Query()]) -> JsonAnswer:
    """List the metrics that a series can be asked for: question, formula, guard, unit."""
    return JsonAnswer(list_metrics())
