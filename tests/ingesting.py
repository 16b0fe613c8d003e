"""Ingests for tests: in this process, or by the real command line in another one."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine

from app.files import find_recordings
from app.operations.ingest_results import IngestReport, ingest_results
from app.operations.prepare_records import Preparer
from app.store.engine import transactions
from measurements.results.outcome import DataClass, Label

RASAD = Path(sys.executable).parent / "rasad"
"""The installed console script."""


class StillClock:
    """A clock that stands: what an ingest leaves behind does not depend on when it ran."""

    def now(self) -> datetime:
        """An instant after all recordings."""
        return datetime(2027, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        """Nothing lasts."""
        return 0.0

    def sleep(self, seconds: float) -> None:
        """Nobody waits."""

    def go_on(self) -> None:
        """Nobody asks it to end."""

    def deadline(self, seconds: float) -> "StillDeadline":
        """It never comes."""
        return StillDeadline(seconds)

    def real_seconds(self, seconds: float) -> float:
        """The same."""
        return seconds


class StillDeadline(NamedTuple):
    """An instant that never comes."""

    seconds: float

    def left(self) -> float:
        """All of it."""
        return self.seconds

    def is_over(self) -> bool:
        """Never."""
        return False


def ingest(
    engine: Engine,
    *paths: Path,
    workers: int = 1,
    label: Label = Label.MEASURED,
    data_class: DataClass = DataClass.PUBLIC,
) -> IngestReport:
    """Ingest files in this process."""
    return ingest_results(
        transactions(engine),
        find_recordings(map(str, paths)),
        label=label,
        clock=StillClock(),
        preparer=Preparer(workers),
        data_class=data_class,
    )


def write_lines(path: Path, bodies: Iterable[bytes]) -> Path:
    """A file with one record per line."""
    path.write_bytes(b"".join(body + b"\n" for body in bodies))
    return path


def command(*arguments: str | Path) -> list[str]:
    """The command line of `rasad …`, run by this interpreter."""
    return [sys.executable, str(RASAD), *map(str, arguments)]


def environment(database_url: str) -> dict[str, str]:
    """The environment in which `rasad` uses one database, writes nowhere else, and asks nobody on the Internet."""
    return {
        **os.environ,
        "RASAD_DATABASE_URL": database_url,
        "RASAD_DATA_DIR": "/nonexistent",
        "RASAD_RIPESTAT_URL": "http://127.0.0.1:9",  # where nobody listens
    }


def rasad(database_url: str, *arguments: str | Path, stdin: bytes = b"", exit_code: int = 0) -> dict[str, Any]:
    """Run `rasad … --json` to its end and give what it printed; fails with its last words."""
    done = subprocess.run(
        command(*arguments, "--json"), env=environment(database_url), input=stdin, capture_output=True, check=False
    )
    assert done.returncode == exit_code, done.stderr.decode(errors="replace")[-4000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def is_sum_right(answer: dict[str, Any]) -> bool:
    """Whether every record read became one of the four things."""
    parts: Sequence[int] = [answer[name] for name in ("kept", "duplicate", "quarantined", "unsupported")]
    return bool(answer["read"] == sum(parts))
