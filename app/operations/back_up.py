"""Back up: everything in one file, from one instant, with a manifest by which it is known to be whole.

A backup is a tar archive. `manifest.json` comes last, since it holds the digests of the rest: the database (a file of
SQLite, or what pg_dump writes), the checkpoints of the audit trail and the tombstones that are kept outside of it, and
the public key that tells whether these are genuine. The private key and the settings are secrets, and are not in it.
"""

import hashlib
import shutil
import tarfile
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from app.durable import UnusableFile, whole_file
from app.operations.gather_facts import BACKUPS
from app.settings import Settings
from app.signing import load_or_make_key
from app.store.copying import backend_of, copy_out
from measurements.units import DAY_S, iso, seconds

FORM = "rasad-backup-1"
MANIFEST, DATABASE, CHECKPOINTS, TOMBSTONES, KEY = (
    "manifest.json", "database", "checkpoints.ndjson", "tombstones.ndjson", "key.pem",
)  # fmt: skip
CHUNK = 1 << 20


def back_up(
    settings: Settings, file: Path, now: datetime, on_step: Callable[[], None] = lambda: None
) -> dict[str, Any]:
    """Make a backup, while others write; gives its manifest. Nothing is left where it fails.

    The checkpoints are read before the database and the tombstones after it: so the trail is never shorter than a
    checkpoint says, and whatever was erased by then has its tombstone.
    """
    if file.exists():
        raise UnusableFile(f"{file} is there already: name another file")
    with whole_file(file) as draft:
        folder = draft.parent
        _copy_file(settings.checkpoints_file, folder / CHECKPOINTS)
        found = copy_out(settings.database_url, folder / DATABASE, on_step)
        _copy_file(settings.tombstones_file, folder / TOMBSTONES)
        (folder / KEY).write_text(load_or_make_key(settings.audit_key_file).public.pem)
        members = [name for name in (DATABASE, CHECKPOINTS, TOMBSTONES, KEY) if (folder / name).exists()]
        manifest = {
            "form": FORM,
            "made_at": iso(seconds(now)),
            "version": version("rasad"),
            "backend": backend_of(settings.database_url),
            "revision": found.revision,
            "counts": found.counts,
            "audit": {"n_entries": found.n_entries, "head": found.head},
            "files": {name: digest_of_file(folder / name) for name in members},
        }
        (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
        with tarfile.open(draft, "w") as archive:
            for name in (*members, MANIFEST):
                archive.add(folder / name, name)
                on_step()
    return manifest


def back_up_nightly(settings: Settings, folder: Path, now: datetime, on_step: Callable[[], None]) -> Path:
    """Make a backup named by its instant, and remove the oldest ones beyond how many are kept; gives the new one."""
    for leftover in folder.glob(f".{BACKUPS}.*"):  # of a process that died
        if leftover.stat().st_mtime < now.timestamp() - DAY_S:
            shutil.rmtree(leftover, ignore_errors=True)
    file = folder / BACKUPS.replace("*", now.strftime("%Y%m%dT%H%M%SZ"))
    back_up(settings, file, now, on_step)
    for old in sorted(folder.glob(BACKUPS))[: -settings.backups_kept]:
        old.unlink(missing_ok=True)
    return file


def digest_of_file(path: Path) -> dict[str, Any]:
    """Its size and SHA-256."""
    digest, n_bytes = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            n_bytes += len(chunk)
    return {"bytes": n_bytes, "sha256": digest.hexdigest()}


def _copy_file(source: Path, target: Path) -> None:
    if source.exists():
        target.write_bytes(source.read_bytes())
