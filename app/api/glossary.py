"""`/glossary`: terms in plain words, in three languages. It changes with the version of Rasad only."""

from hashlib import sha256
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Response

from app.api.negotiation import accepts_json
from app.api.schemas.glossary import GlossaryAnswer, GlossaryFilters
from app.api.wire import JsonAnswer, problems
from app.operations.list_glossary import list_glossary

router = APIRouter(prefix="/glossary", tags=["plan"], dependencies=[Depends(accepts_json)])
IfNoneMatch = Annotated[
    str | None,
    Header(alias="If-None-Match", max_length=1000, description="The `ETag` of an answer that is at hand already."),
]
ETAG_CHARACTERS = 16
NOT_CHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "The answer at hand is still the right one.", "content": {}}
}


@router.get("", response_model=GlossaryAnswer, responses={**problems(404), **NOT_CHANGED})
def get_glossary(filters: Annotated[GlossaryFilters, Query()], held: IfNoneMatch = None) -> Response:
    """Say in plain words what terms of the memorandum and of briefings mean."""
    body = orjson.dumps(list_glossary(filters.term, filters.language))
    etag = f'"{sha256(body).hexdigest()[:ETAG_CHARACTERS]}"'
    headers = {"ETag": etag, "Cache-Control": "public, max-age=3600"}
    at_hand = {one.strip().removeprefix("W/") for one in (held or "").split(",")}
    if at_hand & {etag, "*"}:
        return Response(status_code=304, headers=headers)
    return JsonAnswer(body, headers=headers)
