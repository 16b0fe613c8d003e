"""`/sites`: where the servers of K-root stand."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.api.negotiation import accepts_json
from app.api.schemas.sites import SiteFilters, SiteTable
from app.api.wire import JsonAnswer, problems
from app.operations.list_sites import list_sites

router = APIRouter(prefix="/sites", tags=["targets"], dependencies=[Depends(accepts_json)])


@router.get("", response_model=SiteTable, responses=problems())
def get_sites(filters: Annotated[SiteFilters, Query()]) -> JsonAnswer:
    """List the sites of K-root: the table by which the instances that answer are named."""
    return JsonAnswer(list_sites(filters.country))
