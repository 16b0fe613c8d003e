"""An audit trail in a database, for tests: kept by our code, and laid open to whoever owns the database."""

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, text

from app.store.audit import append
from app.store.engine import writing
from measurements.agreements.audit import Deed, Entry
from tests.audit import DEEDS

NAMES = (
    "audit_entries_never_changed",
    "audit_entries_never_removed",
    "audit_entries_in_order",
    "audit_entries_chained",
)


def keep(engine: Engine, deeds: Sequence[Deed] = DEEDS) -> list[Entry]:
    """The deeds in the audit trail of a database, all in one unit of work."""
    with writing(engine) as connection:
        return [append(connection, deed) for deed in deeds]


def drop_triggers(connection: Connection) -> None:
    """What whoever owns the database can do, before they do worse."""
    is_postgresql = connection.dialect.name == "postgresql"
    for name in NAMES:
        if not is_postgresql:
            connection.execute(text(f"DROP TRIGGER {name}"))
        elif not name.endswith("never_removed"):  # there one trigger keeps from changing and removing
            connection.execute(text(f"DROP TRIGGER {name} ON audit_entries"))
