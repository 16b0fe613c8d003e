"""One request of the matrix of who may what."""

from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Engine

from tests.app.people import Member

LATER = "2030-01-01T00:00:00Z"


class Asked(NamedTuple):
    """One request of the matrix."""

    method: str
    path: str
    content: object


Fill = Callable[[Engine, str, str, Member], Asked]
