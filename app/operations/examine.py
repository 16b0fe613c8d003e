"""Examine the service: what it needs, whether that is there, and what to do where it is not."""

import os
import sys
from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Connection

from app.operations.check_secrets import find_weak_secrets
from app.operations.gather_facts import Times, backup_age_s, is_alive, is_connected, look_at_disk
from app.settings import Settings
from app.signing import OF_OTHERS
from app.store.audit import entries, find_tip
from app.store.dispatches import find_under_way
from app.store.engine import database_file
from app.store.followed import list_followed
from app.store.vital_signs import find_signs
from measurements.agreements.audit import hash_of
from measurements.campaigns.alerts import Facts, Severity, alerts
from measurements.results.outcome import Label
from measurements.units import DAY_S

LEAST_PYTHON = (3, 11)
ZONES = ("Asia/Dushanbe", "Europe/Amsterdam")
"""Whose days the memorandum counts."""
SKEWED_S, FAR_S = 2, 60
"""From so many seconds on a clock is a little off, and is too far off to tell when something was measured."""
PAGE = 1_000


class Verdict(StrEnum):
    """How it is."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(NamedTuple):
    """What was found of one thing."""

    name: str
    verdict: Verdict
    words: str
    remedy: str = ""
    """What to do; empty where nothing is to be done."""


def examine_surroundings(
    settings: Settings, here_at: int, version: tuple[int, ...] = sys.version_info[:3]
) -> list[Finding]:
    """What can be told without a database: Python, time zones, secrets, files, disk, backups."""
    return [
        _python(version),
        examine_zones(),
        *_secrets(settings),
        *_files(settings),
        *_disk(settings),
        _backups(settings, here_at),
    ]


def examine_database(connection: Connection, settings: Settings, label: Label, times: Times) -> list[Finding]:
    """What the database tells: the audit of the last day, the worker, the stream."""
    signs = find_signs(connection, label)
    has_work = bool(list_followed(connection, label, only_unsettled=True) or find_under_way(connection, label))
    return [
        _audit(connection, times.now_at),
        _worker(is_alive(signs, times.here_at), has_work=has_work),
        _stream(settings, is_connected=is_connected(signs, times.here_at), has_work=has_work),
    ]


def judge_skew(name: str, skew_s: float) -> Finding:
    """How far the computer's clock is from another one."""
    words = f"this computer's clock is {abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} {name}"
    if abs(skew_s) <= SKEWED_S:
        return Finding(f"clock ({name})", Verdict.OK, "the clocks agree")
    verdict = Verdict.FAIL if abs(skew_s) > FAR_S else Verdict.WARN
    return Finding(f"clock ({name})", verdict, words, "let NTP set it (timedatectl set-ntp true)")


def _python(version: tuple[int, ...]) -> Finding:
    words = ".".join(map(str, version))
    if version[:2] < LEAST_PYTHON:
        return Finding("Python", Verdict.FAIL, words, f"install {'.'.join(map(str, LEAST_PYTHON))} or newer")
    return Finding("Python", Verdict.OK, words)


def examine_zones(names: Collection[str] = ZONES) -> Finding:
    """Whether the days of the parties can be counted."""
    unknown = [name for name in names if not _is_known(name)]
    if unknown:
        return Finding("time zones", Verdict.FAIL, f"nothing is known of {' or '.join(unknown)}", "install tzdata")
    return Finding("time zones", Verdict.OK, f"{' and '.join(names)} are known")


def _is_known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except ZoneInfoNotFoundError:
        return False
    return True


def _secrets(settings: Settings) -> Iterator[Finding]:
    """The keys' grants cannot be told without using them; `examine_atlas` uses the one that only reads."""
    for words in find_weak_secrets(settings):
        yield Finding("secrets", Verdict.FAIL, words, "replace it")
    kinds = ("create", "stop", "read")
    has = [kind for kind in kinds if getattr(settings, f"atlas_{kind}_key") or settings.atlas_key]
    if not has:
        yield Finding("keys", Verdict.OK, "none: what is public is read, and nothing is created")
    elif settings.atlas_key is not None:
        yield Finding(
            "keys", Verdict.WARN, "one key does everything that has none of its own",
            "make one key for each purpose (README, “A key”)",
        )  # fmt: skip
    elif lacking := [kind for kind in kinds if kind not in has]:
        names = ", ".join(f"RASAD_ATLAS_{kind.upper()}_KEY" for kind in lacking)
        yield Finding("keys", Verdict.WARN, f"there is none to {' or '.join(lacking)}", f"set {names}")
    else:
        yield Finding("keys", Verdict.OK, "one for each purpose")


def _files(settings: Settings) -> Iterator[Finding]:
    if not os.access(settings.data_dir, os.W_OK | os.X_OK):
        yield Finding("data folder", Verdict.FAIL, f"{settings.data_dir} cannot be written to", "make it, or chown it")
    database = database_file(settings.database_url)
    paths = [path for path in (settings.audit_key_file, database) if path is not None]
    open_ = [path for path in paths if _mode(path) & OF_OTHERS]
    for path in open_:
        is_key = path == settings.audit_key_file
        yield Finding(
            "file permissions", Verdict.FAIL if is_key else Verdict.WARN, f"{path} may be read by others",
            f"chmod 600 {path}",
        )  # fmt: skip
    if not open_:
        yield Finding("file permissions", Verdict.OK, "secrets are their owner's alone")


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError:
        return 0  # there is none yet


def _disk(settings: Settings) -> Iterator[Finding]:
    disk = look_at_disk(settings)
    if disk is None:
        yield Finding("disk", Verdict.WARN, "nobody can say how much room there is", "make the data folder")
        return
    found = alerts(Facts(now_at=0, disk=disk))
    for one in found:
        verdict = Verdict.FAIL if one.severity is Severity.CRITICAL else Verdict.WARN
        yield Finding("disk", verdict, one.words, "make room, or move RASAD_DATA_DIR")
    if not found:
        yield Finding("disk", Verdict.OK, f"{disk.free_bytes / 1e9:,.1f} GB are free")


def _backups(settings: Settings, here_at: int) -> Finding:
    age_s = backup_age_s(settings.backup_folder, here_at)
    if age_s is None:
        return Finding("backups", Verdict.WARN, "none are made by themselves", "set RASAD_BACKUP_FOLDER")
    overdue = alerts(Facts(now_at=0, backup_age_s=age_s))
    if overdue:
        return Finding("backups", Verdict.FAIL, overdue[0].words, "see why with `rasad backup FILE`")
    return Finding("backups", Verdict.OK, f"the newest is {age_s // 3600} hours old")


def _audit(connection: Connection, now_at: int) -> Finding:
    """Of the last day, backwards: each entry gives its hash, and names the one before it."""
    n_entries, expected, at = 0, find_tip(connection).head, None
    beyond: int | None = None
    while page := entries(connection, beyond=beyond, limit=PAGE, is_newest_first=True):
        for entry in page:
            if hash_of(entry) != entry.hash or entry.hash != expected or (at is not None and entry.number != at - 1):
                return Finding(
                    "audit", Verdict.FAIL, f"the trail does not fit at entry {entry.number}",
                    "`rasad audit verify` says all that is wrong",
                )  # fmt: skip
            n_entries, expected, at = n_entries + 1, entry.previous, entry.number
            if entry.at < now_at - DAY_S:
                return _intact(n_entries)
        beyond = page[-1].number
    if at not in (None, 1):
        return Finding("audit", Verdict.FAIL, f"the trail begins at entry {at}", "`rasad audit verify` says more")
    return _intact(n_entries)


def _intact(n_entries: int) -> Finding:
    return Finding("audit", Verdict.OK, f"the last {n_entries:,} entries are as they were written")


def _worker(is_there: bool, *, has_work: bool) -> Finding:  # noqa: FBT001 - the one thing that it is about
    if is_there:
        return Finding("worker", Verdict.OK, "one is alive")
    if has_work:
        return Finding("worker", Verdict.FAIL, "none is alive, and there is work", "start `rasad worker`")
    return Finding("worker", Verdict.WARN, "none is alive; there is nothing to do yet", "start `rasad worker`")


def _stream(settings: Settings, *, is_connected: bool, has_work: bool) -> Finding:
    if not settings.stream:
        return Finding("stream", Verdict.OK, "it is not listened to: RASAD_STREAM is off")
    if is_connected:
        return Finding("stream", Verdict.OK, "it is open")
    words = "it is not open; the poll brings everything some minutes later"
    return Finding(
        "stream", Verdict.WARN if has_work else Verdict.OK, words, "see the worker's log" if has_work else ""
    )


def worst(findings: Iterable[Finding]) -> Verdict:
    """The worst of all verdicts."""
    verdicts = {one.verdict for one in findings}
    return next((one for one in (Verdict.FAIL, Verdict.WARN) if one in verdicts), Verdict.OK)
