"""The first page: what this is, and what to look at."""

from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)
_PAGE = (Path(__file__).parent / "landing.html").read_text(encoding="utf-8")


@router.get("/", response_class=HTMLResponse)
def landing() -> HTMLResponse:
    """Show the page."""
    return HTMLResponse(_PAGE)
