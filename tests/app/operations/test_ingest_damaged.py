"""Records that nobody can read: nothing raises, nothing is lost."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from app.store.records import unpack_body
from measurements.results.quarantine import QuarantineReason
from tests.ingesting import ingest, write_lines
from tests.records import laboratory

N_MUTATED = 2_000
RUBBISH: tuple[Any, ...] = (
    None, True, -1, 1.5, 10**30, "", "x", [], {}, [[]], "\x00", "é" * 300, -(2**63), 2**63, {"a": None},
)  # fmt: skip


def mutated(body: bytes, chance: random.Random) -> bytes:
    """One damaged copy of a record, on one line."""
    kind = chance.randrange(10)
    at = chance.randrange(1, len(body))
    record = json.loads(body)
    key = chance.choice(list(record))
    if kind == 0:
        return body[:at]
    if kind == 1:
        return body[:at] + bytes([chance.choice((0, 0xFF, 0xC3, 0x1F))]) + body[at + 1 :]
    if kind == 2:
        del record[key]
    elif kind == 3:
        record[key] = "[" * chance.choice((10, 5_000))
        return json.dumps(record).replace(f'"{record[key]}"', record[key]).encode()
    elif kind == 4:
        return body.replace(b":", chance.choice((b":NaN", b":-", b': "\\ud800', b"::")), 1)
    elif kind == 5:
        return b'{"prb_id":1,' + body[1:-1] + b',"timestamp":1.5}'
    elif kind == 6 and chance.random() < 0.05:
        record[key] = "x" * 3_000_000
    elif kind == 7 and isinstance(record.get("result"), list) and record["result"]:
        record["result"][0] = chance.choice(RUBBISH)
    else:
        record[key] = chance.choice(RUBBISH)
    return json.dumps(record).encode()


@pytest.mark.acceptance("spine.6")
def test_mutated_records_raise_nothing_and_are_all_kept(engine: Engine, tmp_path: Path) -> None:
    """Two thousand damaged records: each becomes one of the four things, and its bytes stay at hand."""
    chance = random.Random(6)  # noqa: S311 - a sample, not a secret
    records = laboratory()
    bodies = [mutated(chance.choice(records), chance).strip(b" \t\r\n") for _ in range(N_MUTATED)]
    path = write_lines(tmp_path / "mutated.ndjson", bodies)

    first, again = ingest(engine, path), ingest(engine, path)

    assert first.read == first.kept + first.duplicate + first.quarantined + first.unsupported == len(bodies)
    assert first.quarantined > N_MUTATED / 4
    assert all(QuarantineReason(reason).explanation for reason in first.by_reason)
    assert (again.kept, again.read) == (0, len(bodies))
    with engine.connect() as connection:
        held = {unpack_body(bytes(row[0])) for row in connection.exec_driver_sql("SELECT body FROM raw_records")}
    assert held == set(bodies)


def test_damaged_file_keeps_what_came_before(engine: Engine, tmp_path: Path) -> None:
    """A gz file cut in the middle gives its first records, and is reported as failed."""
    bodies = laboratory()[:2_000]
    whole = gzip.compress(b"\n".join(bodies))
    path = tmp_path / "cut.ndjson.gz"
    path.write_bytes(whole[: len(whole) // 2])

    report = ingest(engine, path)

    assert 0 < report.kept < len(bodies)
    assert [note.status for note in report.notes] == ["failed"]


def test_files_without_results_are_skipped_and_named(engine: Engine, tmp_path: Path) -> None:
    """An index and a note are no recordings; a result beside them is."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "README.md").write_text("# Not a result\n")
    (folder / "index.json").write_text('{\n "9000001": {"msm_id": 1001}\n}\n')
    write_lines(folder / "results.ndjson", laboratory()[:5])

    report = ingest(engine, folder)

    assert report.kept == 5
    assert [(Path(note.name).name, note.status) for note in report.notes] == [
        ("README.md", "skipped"),
        ("index.json", "skipped"),
    ]


def test_other_types_are_kept_raw_and_counted(engine: Engine, tmp_path: Path) -> None:
    """A certificate is kept as it came, and not read; a type that nobody offers goes to quarantine."""
    record = json.loads(laboratory()[0])
    bodies = [json.dumps({**record, "type": name}).encode() for name in ("sslcert", "ntp", "http", "wifi", "smoke")]

    report = ingest(engine, write_lines(tmp_path / "other.ndjson", bodies))

    assert (report.unsupported, report.quarantined, report.kept) == (4, 1, 0)
    assert report.by_reason == {QuarantineReason.UNKNOWN_TYPE: 1}
