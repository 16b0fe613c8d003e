"""Measurement and probe objects of the platform: taken in whatever they are wrapped in, dated, and compared."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.files import find_recordings
from app.operations.ingest_measurements import ingest_measurements
from app.operations.ingest_objects import ObjectsReport
from app.operations.ingest_probes import ingest_probes
from app.store.engine import reading, transactions
from measurements.results.outcome import Label
from tests.ingesting import StillClock

PING: dict[str, Any] = {
    "id": 1001, "type": "ping", "af": 4, "target": "k.root-servers.net", "interval": 240, "start_time": 0,
    "probes": [{"id": 1}, {"id": 2}],
}  # fmt: skip
PROBE: dict[str, Any] = {"id": 1, "asn_v4": 64500, "asn_v6": None, "country_code": "TJ"}
WRAPPINGS: dict[str, Callable[[list[Any]], str]] = {
    "one object": lambda objects: json.dumps(objects[0]),
    "array": json.dumps,
    "API list": lambda objects: json.dumps({"count": 1, "next": None, "results": objects}),
    "archive": lambda objects: json.dumps({"objects": objects}),
    "one per line": lambda objects: "\n".join(map(json.dumps, objects)),
}


def take_in_measurements(engine: Engine, path: Path, content: str | bytes) -> ObjectsReport:
    """Write a file and take it in."""
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return ingest_measurements(
        transactions(engine), find_recordings([str(path)]), label=Label.MEASURED, clock=StillClock()
    )


def take_in_probes(engine: Engine, path: Path, probe: dict[str, Any], observed_at: int) -> ObjectsReport:
    """The same for one probe, as the platform had it at an instant."""
    path.write_text(json.dumps([probe]))
    return ingest_probes(
        transactions(engine),
        find_recordings([str(path)]),
        label=Label.MEASURED,
        clock=StillClock(),
        observed_at=observed_at,
    )


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    """What the database holds."""
    with reading(engine) as connection:
        return [tuple(row) for row in connection.execute(text(statement))]


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_objects_are_found_in_whatever_they_are_wrapped(engine: Engine, tmp_path: Path, wrapping: str) -> None:
    """As the API lists them, as an archive has them, one by one; packed as well."""
    report = take_in_measurements(engine, tmp_path / "m.json.gz", gzip.compress(WRAPPINGS[wrapping]([PING]).encode()))

    assert (report.read, report.new, report.refused.total(), report.failed) == (1, 1, 0, {})
    assert rows(engine, "SELECT atlas_id, type, target, interval_s FROM measurements") == [
        (1001, "ping", "k-root", 240)
    ]


def test_a_changed_object_replaces_what_was_said_before(engine: Engine, tmp_path: Path) -> None:
    """And the same once more is no change."""
    path = tmp_path / "m.json"
    take_in_measurements(engine, path, json.dumps(PING))

    again = take_in_measurements(engine, path, json.dumps(PING))
    changed = take_in_measurements(engine, path, json.dumps(PING | {"interval": 480}))

    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    assert (changed.new, changed.changed, changed.unchanged) == (0, 1, 0)
    assert rows(engine, "SELECT interval_s FROM measurements") == [(480,)]


def test_what_makes_no_sense_is_refused_with_its_reason(engine: Engine, tmp_path: Path) -> None:
    """The objects beside it are taken in, and a file that is no JSON is named."""
    report = take_in_measurements(engine, tmp_path / "m.json", json.dumps([PING, {"id": "x"}, 7, PING | {"af": 5}]))
    failed = take_in_measurements(engine, tmp_path / "broken.json", "{")

    assert (report.read, report.new, report.refused.total()) == (4, 1, 3)
    assert any(reason.startswith("af: 5 is neither 4 nor 6") for reason in report.refused)
    assert list(failed.failed) == [str(tmp_path / "broken.json")]


def test_a_probe_is_kept_by_when_it_was_where(engine: Engine, tmp_path: Path) -> None:
    """A row for each move, none for the same word again; older words may come later."""
    path = tmp_path / "p.json"

    first = take_in_probes(engine, path, PROBE, 1000)
    same = take_in_probes(engine, path, PROBE, 2000)
    moved = take_in_probes(engine, path, PROBE | {"asn_v4": 64501}, 3000)
    older = take_in_probes(engine, path, PROBE | {"country_code": "KZ"}, 500)

    assert [(each.new, each.changed, each.unchanged) for each in (first, same, moved, older)] == [
        (1, 0, 0),
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
    ]
    query = "SELECT observed_at, asn_v4, country_code FROM probe_snapshots ORDER BY observed_at"
    assert rows(engine, query) == [(500, 64500, "KZ"), (1000, 64500, "TJ"), (3000, 64501, "TJ")]


def test_an_object_of_another_kind_is_no_probe(engine: Engine, tmp_path: Path) -> None:
    """Measurements and anchors have an `id` too."""
    report = take_in_probes(engine, tmp_path / "p.json", PING, 1000)

    assert (report.read, report.new) == (1, 0)
    assert list(report.refused) == ["country_code: is missing; this is no probe object"]
