"""Backups: whole or not at all, restored in one step, and what was erased stays erased."""

import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import orjson
import pytest
from sqlalchemy import Engine, select

from app.durable import UnusableFile, read_lines
from app.operations.back_up import back_up, back_up_nightly
from app.operations.restore import restore
from app.operations.write_checkpoint import write_checkpoint
from app.settings import Settings
from app.specimens import LABORATORY_RESULTS
from app.store import tables
from app.store.audit import append
from app.store.copying import contents_of, copy_in, copy_out
from app.store.engine import reading, writing
from app.store.vital_signs import Sign, note_signs
from measurements.agreements.audit import Act, Deed, Subject, SubjectKind
from measurements.errors import NotPossible, StoreError, UnreadableFile
from measurements.results.outcome import Label
from tests.agreeing import Parties
from tests.canonical_dump import assert_equal, canonical_dump
from tests.databases import MakeDatabase
from tests.delivering import deliver, ping
from tests.ingesting import ingest, write_lines
from tests.retaining import Measured

NOW = datetime(2027, 3, 1, tzinfo=UTC)
Open = Callable[[str], Engine]


def nothing() -> None:
    """Nothing has to be made durable here."""


def settings_of(url: str, folder: Path) -> Settings:
    return Settings(database_url=url, data_dir=folder)


@pytest.fixture
def held(database_url: str, engine: Engine, tmp_path: Path) -> Settings:
    """Parties that agreed on something, some results, and a checkpoint of the audit."""
    parties = Parties(engine)
    parties.agree()
    deliver(engine, *(ping(1.5, at=at) for at in range(0, 3600, 240)))
    settings = settings_of(database_url, tmp_path / "first")
    with reading(engine) as connection:
        write_checkpoint(connection, settings.audit_key_file, settings.checkpoints_file, parties.now, nothing)
    return settings


def test_what_is_restored_is_what_was_backed_up(
    held: Settings, engine: Engine, make_database: MakeDatabase, open_engine: Open, tmp_path: Path
) -> None:
    """Every table, the audit and its checkpoints; on a machine that has only the backup."""
    manifest = back_up(held, tmp_path / "one.backup", NOW)
    other = settings_of(make_database(is_migrated=False), tmp_path / "second")

    restored = restore(other, tmp_path / "one.backup", NOW)

    assert restored.missing == ()
    assert_equal(canonical_dump(engine), canonical_dump(open_engine(other.database_url)))
    with reading(engine) as connection, reading(open_engine(other.database_url)) as second:
        assert contents_of(connection) == contents_of(second)
        assert manifest["audit"] == {
            "n_entries": contents_of(second).n_entries,
            "head": contents_of(second).head,
        }
    assert manifest["audit"]["n_entries"] > 0
    assert read_lines(other.checkpoints_file) == read_lines(held.checkpoints_file)
    assert (tmp_path / "one.backup").stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in tmp_path.iterdir() if "backup" in path.name) == ["one.backup"]


def test_the_backup_of_a_database_that_is_written_to_is_of_one_instant(
    database_url: str, engine: Engine, make_database: MakeDatabase, open_engine: Open, tmp_path: Path
) -> None:
    """What it lacks is taken in again, and then nothing differs."""
    lines = [ping(1.5, at=at, probe_id=probe) for probe in range(40) for at in range(0, 3600, 240)]
    file = write_lines(tmp_path / "lines.ndjson", lines)
    begun, done = Event(), Event()

    def write() -> None:
        for n in range(0, len(lines), 20):
            deliver(engine, *lines[n : n + 20])
            begun.set()
            if done.is_set():
                break

    writer = Thread(target=write)
    writer.start()
    begun.wait(30)
    back_up(settings_of(database_url, tmp_path / "first"), tmp_path / "one.backup", NOW)
    done.set()
    writer.join()
    other = settings_of(make_database(), tmp_path / "second")
    restored = restore(other, tmp_path / "one.backup", NOW)

    second = open_engine(other.database_url)
    with reading(second) as connection:
        n_results = contents_of(connection).counts["results"]
    assert n_results == restored.manifest["counts"]["results"]
    assert n_results % 20 == 0, "a batch stands or falls as a whole"
    assert n_results > 0
    for one in (engine, second):
        ingest(one, file, LABORATORY_RESULTS)
    results = select(tables.results.c.probe_id, tables.results.c.measured_at, tables.results.c.digest)
    with reading(engine) as connection, reading(second) as copy:
        rows = sorted(map(tuple, connection.execute(results)))
        assert rows == sorted(map(tuple, copy.execute(results)))
    assert len(rows) > len(lines)


def test_a_database_that_holds_something_is_replaced_only_when_told_so(
    held: Settings, engine: Engine, tmp_path: Path
) -> None:
    back_up(held, tmp_path / "one.backup", NOW)
    before = canonical_dump(engine)
    deliver(engine, ping(2.5, at=5000))
    with pytest.raises(NotPossible, match="--replace"):
        restore(held, tmp_path / "one.backup", NOW)
    with writing(engine) as connection:
        note_signs(connection, Label.MEASURED, "a", {Sign.ALIVE: 1}, int(NOW.timestamp()) - 60)
    with pytest.raises(NotPossible, match="stop it"):
        restore(held, tmp_path / "one.backup", NOW, replace=True)
    with writing(engine) as connection:
        note_signs(connection, Label.MEASURED, "a", {Sign.ALIVE: 0}, int(NOW.timestamp()) - 60)

    assert restore(held, tmp_path / "one.backup", NOW, replace=True).missing == ()

    assert_equal(before, canonical_dump(engine))
    with pytest.raises(UnusableFile, match="there already"):
        back_up(held, tmp_path / "one.backup", NOW)


def test_what_was_signed_after_the_backup_is_said_to_be_missing(held: Settings, engine: Engine, tmp_path: Path) -> None:
    """The checkpoints of this machine outlive the database, and know better."""
    back_up(held, tmp_path / "one.backup", NOW)
    with writing(engine) as connection:
        append(connection, Deed(at=1, act=Act.RETENTION_RUN, person_id=None, subject=Subject(SubjectKind.AGREEMENT, 1)))
    with reading(engine) as connection:
        made = write_checkpoint(connection, held.audit_key_file, held.checkpoints_file, int(NOW.timestamp()), nothing)

    restored = restore(held, tmp_path / "one.backup", NOW, replace=True)

    assert made is not None
    assert restored.missing
    assert any(str(made.n_entries) in words for words in restored.missing), restored.missing


def test_what_was_erased_since_is_erased_again(parties: Parties, database_url: str, tmp_path: Path) -> None:
    """The backup brings it back, and the tombstones outside of the database have it erased once more."""
    settings = settings_of(database_url, tmp_path)
    measured = Measured(parties, tmp_path)
    measured.measure(0, 1)
    back_up(settings, tmp_path / "one.backup", NOW)
    raw = select(tables.raw_records.c.id)
    with reading(parties.engine) as connection:
        n_before = len(connection.execute(raw).all())
    parties.clock.advance(30 * 86_400)
    measured.run()
    with reading(parties.engine) as connection:
        n_after = len(connection.execute(raw).all())
    assert n_after < n_before

    restored = restore(settings, tmp_path / "one.backup", parties.clock.now(), replace=True)

    assert restored.n_erased >= n_before - n_after
    with reading(parties.engine) as connection:
        assert len(connection.execute(raw).all()) == n_after


def test_a_backup_that_is_not_whole_is_not_touched(held: Settings, engine: Engine, tmp_path: Path) -> None:
    """Cut off, changed, or something else; the database is as it was."""
    file = tmp_path / "one.backup"
    back_up(held, file, NOW)
    before, whole = canonical_dump(engine), file.read_bytes()
    with tarfile.open(file) as archive:
        at = archive.getmember("database").offset_data
    changed = bytearray(whole)
    changed[at + 5000] ^= 1
    for content in (b"", b"no backup", whole[: len(whole) // 2], bytes(changed)):
        file.write_bytes(content)
        with pytest.raises(UnreadableFile):
            restore(held, file, NOW, replace=True)
    with pytest.raises(UnreadableFile):
        restore(held, tmp_path / "nowhere", NOW, replace=True)
    assert_equal(before, canonical_dump(engine))


def test_a_backup_of_another_kind_of_database_is_refused(held: Settings, tmp_path: Path) -> None:
    file = tmp_path / "one.backup"
    manifest = back_up(held, file, NOW)
    other = "postgresql://nobody@/nowhere" if manifest["backend"] == "sqlite" else f"sqlite:///{tmp_path}/other.db"
    with pytest.raises(NotPossible, match="RASAD_DATABASE_URL"):
        restore(settings_of(other, tmp_path / "second"), file, NOW)


def test_the_newest_backups_stay(held: Settings, tmp_path: Path) -> None:
    settings = held.model_copy(update={"backups_kept": 2})
    steps: list[None] = []
    folder = tmp_path / "nightly"
    made = [back_up_nightly(settings, folder, NOW.replace(day=day), lambda: steps.append(None)) for day in (1, 2, 3)]
    assert sorted(folder.iterdir()) == made[1:]
    assert made[0].name == "rasad-20270301T000000Z.backup"
    assert steps, "a lease is renewed meanwhile"
    with tarfile.open(made[2]) as archive:
        told = archive.extractfile("manifest.json")
        assert told is not None
        assert orjson.loads(told.read())["made_at"] == "2027-03-03T00:00:00Z"


def test_a_restore_that_is_killed_leaves_the_old_database_or_the_new_one(
    held: Settings, engine: Engine, make_database: MakeDatabase, open_engine: Open, tmp_path: Path
) -> None:
    url = make_database()
    second = open_engine(url)
    deliver(second, *(ping(3.5, at=at, probe_id=9) for at in range(0, 36_000, 60)))
    copy = tmp_path / "copy"
    copy_out(held.database_url, copy)
    old, new = canonical_dump(second).digest, canonical_dump(engine).digest
    second.dispose()
    script = f"from pathlib import Path; from app.store.copying import copy_in; copy_in(Path({str(copy)!r}), {url!r})"
    seen = set()
    for wait_s in (0.5, 0.7, 0.9, 30):
        process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, start_new_session=True)
        try:
            _, said = process.communicate(timeout=wait_s)
            assert process.returncode == 0, said
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # whoever it had started too
            process.communicate()
        found = canonical_dump(second).digest
        second.dispose()
        assert found in (old, new)
        seen.add(found)
    assert new in seen


def test_a_copy_that_does_not_go_in_changes_nothing(held: Settings, engine: Engine, tmp_path: Path) -> None:
    before = canonical_dump(engine)
    (tmp_path / "copy").write_bytes(b"SELECT nonsense" * 100)
    with pytest.raises(StoreError):
        copy_in(tmp_path / "copy", held.database_url)
    assert_equal(before, canonical_dump(engine))
