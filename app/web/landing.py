"""The first page: what this is, and what to look at."""

from html import escape
from pathlib import Path
from string import Template

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from measurements.agreements.attribution import ATTRIBUTION

router = APIRouter(include_in_schema=False)
_TEXT = (Path(__file__).parent / "landing.html").read_text(encoding="utf-8")
_PAGE = Template(_TEXT).substitute(attribution=escape(ATTRIBUTION))


@router.get("/", response_class=HTMLResponse)
def landing() -> HTMLResponse:
    """Show the page."""
    return HTMLResponse(_PAGE)
