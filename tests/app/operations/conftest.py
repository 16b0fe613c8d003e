"""The three parties; and databases with all recordings in them, made once per session by the real command line."""

import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Engine

from tests.agreeing import Parties
from tests.ingesting import rasad


@pytest.fixture
def parties(engine: Engine) -> Parties:
    """The three parties, and an Atlas in memory."""
    return Parties(engine)


class Ingested(NamedTuple):
    """A database after `rasad ingest ../shared/data/open ../shared/data/lab --json`, and once more."""

    url: str
    first: dict[str, Any]
    """What the first ingest printed."""
    again: dict[str, Any]
    """What the second one printed."""


@pytest.fixture(scope="session")
def everything(
    open_recordings: Path,
    laboratory_recordings: Path,
    sqlite_template: Path,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], Ingested]]:
    """All recordings on a backend, ingested twice when first asked for. Not to be written to."""
    dropped: list[Callable[[], None]] = []

    def make(backend: str) -> str:
        if backend == "sqlite":
            path = shutil.copyfile(sqlite_template, tmp_path_factory.mktemp("everything") / "everything.db")
            return f"sqlite:///{path}"
        cluster = request.getfixturevalue("postgresql_cluster")
        name = cluster.create(cluster.template())
        dropped.append(lambda: cluster.drop(name))
        return str(cluster.url(name))

    @cache
    def ingested(backend: str) -> Ingested:
        url = make(backend)
        answers = [rasad(url, "ingest", open_recordings, laboratory_recordings) for _ in range(2)]
        return Ingested(url, *answers)

    yield ingested
    for drop in dropped:
        drop()
