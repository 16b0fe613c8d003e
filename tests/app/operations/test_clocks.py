"""Results whose clock cannot be believed are kept and shown, and feed no series."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from app.operations.list_results import list_results, result_filters
from app.operations.result_entries import entry_on_the_wire
from app.operations.sight import MACHINE, sight_of
from app.store import tables
from tests.ingesting import ingest, write_lines
from tests.records import laboratory


@pytest.mark.parametrize(
    ("changes", "flags", "n_samples"),
    [
        ({"lts": 7}, [], 1),
        ({"lts": 7200}, ["clock_not_trusted"], 1),
        ({"lts": -1}, ["clock_not_trusted", "not_in_series"], 0),
    ],
)
def test_a_result_of_an_unset_clock_is_kept_and_feeds_nothing(
    changes: dict[str, int],
    flags: list[str],
    n_samples: int,
    database_url: str,
    open_engine: Callable[[str], Engine],
    tmp_path: Path,
) -> None:
    """Otherwise it would stand in a bin of 1970 or 2031, with nothing to tell it from others."""
    engine = open_engine(database_url)
    record = {**json.loads(laboratory()[0]), **changes}
    ingest(engine, write_lines(tmp_path / "one.ndjson", [json.dumps(record).encode()]))

    with engine.connect() as connection:
        page = list_results(connection, result_filters(label="laboratory"), sight_of(connection, MACHINE, 0))
        held = connection.scalar(select(func.count()).select_from(tables.samples))
        n_bins = connection.scalar(select(func.count()).select_from(tables.bins))

    assert [entry_on_the_wire(entry)["flags"] for entry in page.entries] == [flags]
    assert (held, n_bins) == (n_samples, n_samples)
