"""What becomes of files: taken in whole, taken in up to their damage, or skipped and named."""

import bz2
import gzip
import os
import subprocess
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, text

from app.compression import compress
from app.operations.batches import BATCH_RECORDS
from app.operations.hold_back import hold_back
from app.operations.ingest_results import IngestReport
from app.store.engine import reading
from app.store.records import prepare, unpack_body
from measurements.results.outcome import Label
from tests.delivering import emptied, rows
from tests.ingesting import command, environment, ingest, is_sum_right, rasad, write_lines
from tests.records import laboratory

RECORDS = laboratory()[:300]
LINES = b"".join(record + b"\n" for record in RECORDS)
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": partial(bz2.compress, compresslevel=1),
    "zst": compress,
}


def plain(record: bytes) -> Any:
    """The record without what makes it our laboratory's: what the label says is then decided by who delivers it."""
    return orjson.loads(record) | {"prb_id": 6001}


@pytest.mark.parametrize("packing", PACKED)
def test_a_packed_file_that_was_cut_off_gives_all_it_holds(packing: str, engine: Engine, tmp_path: Path) -> None:
    """Whole records are kept, the one that the cut went through is in quarantine, and the file is named."""
    path = tmp_path / "cut"
    packed = PACKED[packing](LINES)
    path.write_bytes(packed[: len(packed) * 2 // 3])

    report = ingest(engine, path)

    assert report.kept > 50
    assert report.by_reason in ({"truncated": 1}, {})
    assert [(note.name, note.status) for note in report.notes] == [(str(path), "failed")]
    assert "get it again" in report.notes[0].reason


@pytest.mark.parametrize("packing", PACKED)
def test_standard_input_may_be_packed(packing: str, database_url: str) -> None:
    """As a file may."""
    answer = rasad(database_url, "ingest", "-", stdin=PACKED[packing](LINES))

    assert (answer["kept"], answer["quarantined"]) == (len(RECORDS), 0)
    assert answer["files"]["read"] == 1


def test_standard_input_without_a_result_is_skipped(database_url: str) -> None:
    """Named and counted, as a file is."""
    answer = rasad(database_url, "ingest", "-", stdin=b'{"note": "nothing to see"}\n')

    assert (answer["read"], answer["files"]["read"], answer["files"]["skipped"]) == (0, 0, 1)
    assert answer["files"]["named"] == [{"name": "-", "status": "skipped", "reason": "holds no result"}]


NOTES = [b'{"note": %d}' % number for number in range(BATCH_RECORDS + 100)]
"""More than a batch of records that are no results."""


def test_a_long_pipe_without_a_result_is_skipped_as_a_file_is(engine: Engine, tmp_path: Path) -> None:
    """However much of nothing comes, none of it fills the quarantine; how it comes makes no difference."""
    piped, file = ingest_pipe(engine, NOTES), ingest(engine, write_lines(tmp_path / "notes", NOTES))

    for report in (piped, file):
        assert (report.read, report.quarantined, report.n_files) == (0, 0, 0)
        assert [(note.status, note.reason) for note in report.notes] == [("skipped", "holds no result")]


def test_a_pipe_is_read_on_until_its_first_result(engine: Engine, tmp_path: Path) -> None:
    """What came before it is kept too, as it is of a file: they leave the same records, in the same order."""
    bodies = [*NOTES, *RECORDS, NOTES[0]]

    piped = ingest_pipe(engine, bodies)
    of_pipe = [unpack_body(body) for (body,) in rows(engine, "SELECT body FROM raw_records ORDER BY id")]
    file = ingest(emptied(engine), write_lines(tmp_path / "late", bodies))
    of_file = [unpack_body(body) for (body,) in rows(engine, "SELECT body FROM raw_records ORDER BY id")]

    assert (piped.kept, piped.quarantined, piped.n_files) == (len(RECORDS), len(NOTES) + 1, 1)
    assert (file.kept, file.quarantined, file.n_files) == (len(RECORDS), len(NOTES) + 1, 1)
    assert of_pipe == of_file == bodies[:-1]


def test_a_pipe_whose_first_result_is_late_keeps_memory_flat() -> None:
    """What is held back waits on the disk: here 60 MB of it."""
    blank = b'{"note": "' + b"x" * 100_000 + b'"}'

    def stream() -> Iterator[bytes]:
        yield from (blank + b"%d" % number for number in range(600))
        yield RECORDS[0]

    tracemalloc.start()
    n_bytes = sum(map(len, hold_back(stream())))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert n_bytes > 60_000_000
    assert peak < 10_000_000


def ingest_pipe(engine: Engine, bodies: Sequence[bytes]) -> IngestReport:
    """Ingest lines from a pipe, as a shell makes it of `<(command)`."""
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb") as file:
            file.writelines(body + b"\n" for body in bodies)

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        report = ingest(engine, Path(f"/dev/fd/{reader}"))
        writing.result()
    os.close(reader)
    return report


def test_files_without_a_result_are_skipped_and_named(engine: Engine, tmp_path: Path) -> None:
    """An index, a README, an empty file: beside a recording in one folder."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "README.md").write_text("# Recordings\n\nSee the other file.\n")
    (folder / "empty.ndjson").touch()
    (folder / "index.tsv").write_text("line\tsource\n1\tsomewhere\n")
    write_lines(folder / "results.ndjson", RECORDS)

    report = ingest(engine, folder)

    assert (report.kept, report.quarantined, report.n_files) == (len(RECORDS), 0, 1)
    assert sorted(Path(note.name).name for note in report.notes) == ["README.md", "empty.ndjson", "index.tsv"]
    assert {note.status for note in report.notes} == {"skipped"}


def test_one_damaged_file_does_not_stop_the_others(database_url: str, tmp_path: Path) -> None:
    """All the rest is taken in; the exit code tells that something is missing."""
    (tmp_path / "a.gz").write_bytes(gzip.compress(LINES)[:-200])
    write_lines(tmp_path / "b.ndjson", RECORDS)

    answer = rasad(database_url, "ingest", tmp_path, exit_code=1)

    assert is_sum_right(answer)
    assert answer["kept"] == len(RECORDS)
    assert (answer["files"]["read"], answer["files"]["failed"]) == (2, 1)


@pytest.mark.parametrize("label", Label)
def test_a_result_is_labelled_as_its_source_says(label: Label, database_url: str, tmp_path: Path) -> None:
    """Of any probe but our laboratory's."""
    foreign = write_lines(tmp_path / "foreign.ndjson", [orjson.dumps(plain(record)) for record in RECORDS])

    rasad(database_url, "ingest", foreign, "--label", label)
    ours = rasad(database_url, "ingest", write_lines(tmp_path / "ours.ndjson", RECORDS), "--label", label)

    assert ours["kept"] == len(RECORDS)
    assert labels_of(database_url) == {label, Label.LABORATORY}


def labels_of(url: str) -> set[str]:
    """The labels of all results."""
    from app.store.engine import create_engine_for  # noqa: PLC0415 - for this helper alone

    engine = create_engine_for(url)
    with reading(engine) as connection:
        found = set(connection.execute(text("SELECT DISTINCT label FROM results")).scalars())
    engine.dispose()
    return found


def test_words_for_people_say_what_became_of_a_file(database_url: str, tmp_path: Path) -> None:
    """On stderr: standard output is for answers. The laboratory's label is told, since nobody asked for it."""
    path = write_lines(tmp_path / "results.ndjson", RECORDS)

    done = subprocess.run(
        command("ingest", path), env=environment(database_url), capture_output=True, text=True, check=True
    )

    assert done.stdout == ""
    assert f"read {len(RECORDS)} results from 1 file" in done.stderr
    assert f"{len(RECORDS)} are of our laboratory's probes and labelled laboratory, never measured" in done.stderr


def test_bodies_are_unpacked_by_many_threads_at_once() -> None:
    """A page of results is read by as many threads as there are requests."""
    packed = [prepare(record, Label.MEASURED).body for record in RECORDS]

    with ThreadPoolExecutor(8) as pool:
        unpacked = list(pool.map(lambda _: [unpack_body(body) for body in packed], range(40)))

    assert all(bodies == list(RECORDS) for bodies in unpacked)
