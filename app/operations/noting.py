"""Where every act of a person is told to the audit, in the unit of work of the act itself."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection


def note(connection: Connection, *, act: str, actor: int | None, subject: str, details: Mapping[str, Any]) -> None:
    """Note that somebody did something: `actor` is the person, None on the command line; `subject` is `person 3`.

    The audit is connected here.
    """
