"""The hourly tending does what it says, on a connection that has only read before too."""

import shutil
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Engine, text

from app.specimens import LABORATORY_RESULTS
from app.store.audit import find_tip
from app.store.engine import reading
from app.store.tend import make_durable, refresh_statistics
from tests.audit import DEEDS
from tests.audit_held import keep
from tests.databases import MakeDatabase
from tests.ingesting import ingest

STATISTICS = {
    "sqlite": "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'samples'",
    "postgresql": "SELECT count(*) FROM pg_class WHERE relname = 'samples' AND reltuples > 0",
}


def test_statistics_are_refreshed(engine: Engine) -> None:
    """Without them the planner guesses, and a series over months reads the wrong index."""
    ingest(engine, LABORATORY_RESULTS)
    with reading(engine) as connection:  # leaves its connection in the pool, set to refuse writes
        connection.execute(text("SELECT count(*) FROM samples")).scalar_one()

    refresh_statistics(engine)

    with reading(engine) as connection:
        assert connection.execute(text(STATISTICS[engine.dialect.name])).scalar_one() > 0


def test_what_is_made_durable_needs_no_log(
    make_sqlite_database: MakeDatabase, open_engine: Callable[[str], Engine], tmp_path: Path
) -> None:
    """On SQLite the log may be lost in a power cut; also while somebody reads, what is held is in the file itself."""
    engine = open_engine(make_sqlite_database())
    keep(engine)
    with reading(engine) as connection:
        assert find_tip(connection).n_entries == len(DEEDS)
        make_durable(engine)

    saved = shutil.copyfile(str(engine.url.database), tmp_path / "saved.db")

    with reading(open_engine(f"sqlite:///{saved}")) as connection:
        assert find_tip(connection).n_entries == len(DEEDS)


def test_the_write_ahead_log_is_folded_back(engine: Engine) -> None:
    """On SQLite it would otherwise grow with every ingest; PostgreSQL does this by itself."""
    ingest(engine, LABORATORY_RESULTS)

    refresh_statistics(engine)

    if engine.dialect.name == "sqlite":
        assert Path(f"{engine.url.database}-wal").stat().st_size == 0
