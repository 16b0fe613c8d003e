"""Readings of probe-level data on the wire."""

from datetime import datetime
from typing import Any

from app.api.schemas.base import Answer


class Access(Answer):
    """Somebody read values of single probes."""

    number: int
    at: datetime
    person_id: int | None
    """Null for whoever has the machine."""
    what: str
    """What was read: the last part of its address."""
    filters: dict[str, Any]
    """What was asked for."""
    n_rows: int
    """How many rows of it are held under an agreement."""


class AccessPage(Answer):
    """Readings, the last one first."""

    accesses: list[Access]
    next_cursor: str | None
