"""Restore a backup: looked through before anything is touched, put in place in one step, and erased as agreed.

A process that dies leaves the old database or the new one. What was erased since the backup was made is erased again:
SQLite's copy before it is put in place, PostgreSQL's right after it, by the tombstones of both.
"""

import tarfile
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import orjson

from app.durable import append_line, read_lines
from app.operations.back_up import CHECKPOINTS, DATABASE, FORM, KEY, MANIFEST, TOMBSTONES, digest_of_file
from app.operations.gather_facts import is_alive
from app.operations.run_retention import run_retention
from app.operations.tombstone_file import TombstoneFile
from app.operations.verify_audit import verify_audit
from app.settings import Settings
from app.signing import load_public_key
from app.store.copying import backend_of, contents_of_file, copy_in, holds_anything, read_at, settle, work_at
from app.store.engine import database_file
from app.store.migrate import upgrade
from app.store.vital_signs import find_signs
from measurements.errors import NotPossible, StoreError, UnreadableFile
from measurements.results.outcome import Label
from measurements.units import seconds


class Restored(NamedTuple):
    """What was restored."""

    manifest: dict[str, Any]
    n_erased: int
    """Records that were erased again."""
    missing: tuple[str, ...]
    """What does not fit or is not there, in sentences."""


def restore(settings: Settings, file: Path, now: datetime, *, replace: bool = False) -> Restored:
    """Put a backup in the place of the database. Raises `UnreadableFile`, `NotPossible` or `StoreError`; nothing of it
    is in place then.
    """
    url = settings.database_url
    beside = (database_file(url) or settings.data_dir / "-").absolute().parent
    beside.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=beside, prefix=".restore-") as name:
        folder = Path(name)
        manifest = _unpacked(file, folder)
        _require_usable(manifest, settings)
        _require_replaceable(settings, now, replace=replace)
        _merge(folder / TOMBSTONES, settings.tombstones_file)
        n_erased, n_refused = _put_in_place(settings, folder / DATABASE, manifest, now)
        _merge(folder / CHECKPOINTS, settings.checkpoints_file)
        missing = list(_faults(settings, folder / KEY))
    if n_refused:
        missing.append(
            f"{n_refused} tombstones are not signed by the key in {settings.audit_key_file}: put the key there that "
            "signed them, and `rasad retention run` erases by them"
        )
    return Restored(manifest, n_erased, tuple(missing))


def _unpacked(file: Path, folder: Path) -> dict[str, Any]:
    """The members of a backup in a folder, each as its manifest says."""
    try:
        with tarfile.open(file) as archive:
            archive.extractall(folder, filter="data")
        manifest: dict[str, Any] = orjson.loads((folder / MANIFEST).read_bytes())
        if manifest["form"] != FORM:
            raise UnreadableFile(f"{file} is a backup of a form that this version does not know")
        changed = [name for name, told in manifest["files"].items() if digest_of_file(folder / name) != told]
        is_whole = not changed and {DATABASE, KEY} <= manifest["files"].keys()
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableFile(f"{file} is no whole backup: {error}") from error
    except OSError as error:
        raise UnreadableFile(f"{file} cannot be read: {error.strerror or error}") from error
    if not is_whole:
        raise UnreadableFile(f"{file} is not as it was made: {', '.join(changed) or 'something'} is another")
    return manifest


def _require_usable(manifest: dict[str, Any], settings: Settings) -> None:
    backend = backend_of(settings.database_url)
    if manifest["backend"] != backend:
        raise NotPossible(
            "other_backend",
            f"the backup is of {manifest['backend']}, and the database is {backend}: set RASAD_DATABASE_URL to one of "
            "that kind",
        )


def _require_replaceable(settings: Settings, now: datetime, *, replace: bool) -> None:
    if not holds_anything(settings.database_url):
        return
    if not replace:
        raise NotPossible(
            "not_empty",
            "the database is not empty: with --replace the backup takes its place, and what is in it is lost",
        )
    try:
        with read_at(settings.database_url) as connection:
            signs = [one for label in Label for one in find_signs(connection, label)]
    except StoreError:
        return  # it is of an older version, or broken: a reason to restore
    if is_alive(signs, seconds(now)):
        raise NotPossible("in_use", "a worker uses the database: stop it; one that was killed counts for five minutes")


def _put_in_place(settings: Settings, copy: Path, manifest: dict[str, Any], now: datetime) -> tuple[int, int]:
    """Records that were erased again, and tombstones that were refused."""
    url = settings.database_url
    if database_file(url) is None:
        copy_in(copy, url)
        upgrade(url)
        return _erase_again(settings, url, now)
    found = contents_of_file(copy)
    if (found.revision, found.counts) != (manifest["revision"], manifest["counts"]):
        raise UnreadableFile("the database in the backup is not what its manifest says")
    staged = f"sqlite:///{copy}"
    upgrade(staged)
    erased = _erase_again(settings, staged, now)
    settle(copy)
    copy_in(copy, url)
    return erased


def _erase_again(settings: Settings, url: str, now: datetime) -> tuple[int, int]:
    file = TombstoneFile(settings.tombstones_file, settings.audit_key_file)
    with work_at(url) as transaction:
        reports = [run_retention(transaction, file, seconds(now), label=label) for label in Label]
    n_erased = sum(one.n_records for report in reports for one in report.tombstones)
    return n_erased, max(report.n_refused for report in reports)


def _merge(told: Path, file: Path) -> None:
    """Add the lines that are not there yet: neither file may lose what the other one proves."""
    if not told.exists():
        return
    held = set(read_lines(file))
    for line in read_lines(told):
        if line not in held:
            append_line(file, line + b"\n")


def _faults(settings: Settings, key: Path) -> list[str]:
    """What the checkpoints say that the restored trail does not."""
    lines = read_lines(settings.checkpoints_file)
    with read_at(settings.database_url) as connection:
        findings = verify_audit(connection, lines, load_public_key(key))
    return [fault.says for fault in findings.faults]
