"""Note who read values of single probes that are not public, before they are handed out."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.store.access_log import Access, log_access
from app.store.engine import Transaction
from measurements.agreements.release import Viewer


class Log(NamedTuple):
    """Where readings are noted, and whose they are. An instant is seconds since the epoch."""

    transaction: Transaction
    viewer: Viewer
    now_at: int

    def note(self, what: str, filters: Mapping[str, Any], n_rows: int) -> None:
        """In a small unit of work of its own; nothing where there was nothing to read.

        Whatever it raises, nothing is handed out: what cannot be noted is not read.
        """
        if not n_rows:
            return
        caller = self.viewer.caller
        person_id = None if caller is None else caller.person.person_id
        said = {name: value for name, value in filters.items() if value not in (None, (), [])}
        with self.transaction() as connection:
            log_access(connection, Access(self.now_at, person_id, what, said, n_rows))
