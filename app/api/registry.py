"""`/registry`: whether something is Tajik, and by which dated fact."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.negotiation import accepts_json
from app.api.schemas.registry import RegistryFilters, Verdict
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.operations.show_registry import show_registry

router = APIRouter(prefix="/registry", tags=["registry"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=Verdict)
def get_registry(
    filters: Annotated[RegistryFilters, Query()], connection: ReadConnection, service: TheService
) -> JsonAnswer:
    """Say whether an address, a prefix, a network or a name is Tajik: by which fact, since when, by whose word."""
    return JsonAnswer(show_registry(connection, filters.resource, service.now_at(), filters.label))
