"""Health on the wire."""

from typing import Literal

from app.api.schemas.base import Answer


class Alive(Answer):
    """The process answers."""

    status: Literal["alive"]


class Ready(Answer):
    """Requests can be served."""

    status: Literal["ready"]
