"""Health: whether the process answers, whether it can serve, and its counters."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app.api.negotiation import TEXT, accepts_json, preferred
from app.api.schemas.base import NoFilters
from app.api.schemas.health import Alive, Ready
from app.api.service import TheService
from app.api.wire import JsonAnswer, problems
from app.operations.check_readiness import check_readiness, require_secrets
from measurements.errors import StoreError

router = APIRouter(tags=["health"])


@router.get("/healthz", response_model=Alive, responses=problems(), dependencies=[Depends(accepts_json)])
def get_health(_: Annotated[NoFilters, Query()]) -> JsonAnswer:
    """Say that the process answers, whatever the state of the database."""
    return JsonAnswer({"status": "alive"})


@router.get("/readyz", response_model=Ready, responses=problems(503), dependencies=[Depends(accepts_json)])
def get_readiness(_: Annotated[NoFilters, Query()], service: TheService) -> JsonAnswer:
    """Say whether requests can be served: the database is there and up to date, and no secret is a default."""
    require_secrets(service.settings)
    readiness = check_readiness(service.engine)
    if not readiness.is_ready:
        raise StoreError(readiness.reason)
    return JsonAnswer({"status": "ready"})


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {TEXT: {"schema": {"type": "string"}}}}, **problems(503)},
)
def get_counters(_: Annotated[NoFilters, Query()], request: Request, service: TheService) -> Response:
    """Counters of the service for Prometheus: requests, what is held, how fresh it is."""
    preferred(request, TEXT)
    return Response(generate_latest(service.telemetry.registry), media_type=CONTENT_TYPE_LATEST)
