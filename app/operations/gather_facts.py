"""Gather the facts that alerts come from: what the database holds, and what the folders of the service look like."""

import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from app.durable import UnusableFile, read_lines
from app.operations.judge_followed import Judged, judge_followed
from app.settings import Settings
from app.store import ticks
from app.store.audit import find_entry, find_tip
from app.store.decisions import find_reserved, last_decision
from app.store.dispatches import Dispatch, find_under_way
from app.store.engine import database_file
from app.store.find_vantage import find_snapshots
from app.store.vital_signs import Noted, Sign, find_signs
from measurements.agreements.checkpoints import read_line
from measurements.campaigns.alerts import (
    Credits,
    Disk,
    Facts,
    FailedTask,
    InCountry,
    RefusedDispatch,
    Silent,
    WaitingDispatch,
)
from measurements.results.outcome import Label

ALIVE_S = 300
"""A worker says every half minute that it is alive, and at least whenever a question was answered."""
BACKUPS = "rasad-*.backup"
NEVER_S = 10**9

_log = structlog.get_logger("rasad.alerts")


class Times(NamedTuple):
    """What time it is. A rehearsal's clock may be far ahead of the computer's."""

    now_at: int
    """By the clock that goes with the label."""
    here_at: int
    """By the clock of the computer."""


def gather_facts(connection: Connection, settings: Settings, label: Label, times: Times) -> Facts:
    """All of them at an instant."""
    entries = judge_followed(connection, label, times.now_at)
    signs = find_signs(connection, label)
    under_way = find_under_way(connection, label)
    return Facts(
        now_at=times.now_at,
        silent=tuple(_silent(entries)),
        countries=tuple(_countries(connection, entries)),
        failed=tuple(_failed(connection, label, times.now_at, {one.followed.atlas_id for one in entries})),
        waiting=tuple(
            WaitingDispatch(one.dispatch_id, one.agreement_id, one.sent_at)
            for one in under_way
            if one.sent_at is not None and one.atlas_id is None
        ),
        refused=tuple(_refused(connection, under_way)),
        credits=_credits(connection, label, signs),
        stream_down_s=stream_down_s(signs, times.here_at) if settings.stream else None,
        disk=look_at_disk(settings),
        backup_age_s=None if settings.atlas_is_rehearsal else backup_age_s(settings.backup_folder, times.here_at),
        checkpoint_age_s=checkpoint_age_s(connection, settings.checkpoints_file, times.now_at),
    )


def _silent(entries: Iterable[Judged]) -> Iterator[Silent]:
    for one in entries:
        if one.silence.is_stale:
            target = one.measurement.target if one.measurement else ""
            yield Silent(one.followed.atlas_id, target, one.silence.age_s)


def _countries(connection: Connection, entries: Iterable[Judged]) -> Iterator[InCountry]:
    """A probe is silent when it is in every measurement that it takes part in."""
    silent: set[int] = set()
    heard: set[int] = set()
    for one in entries:
        quiet = {probe.probe_id for probe in one.silence.silent}
        silent |= quiet
        heard |= (one.participants or one.followed.position.watermarks.keys()) - quiet
    expected = silent | heard
    placed: dict[int, tuple[int, str | None]] = {}
    for snapshot in find_snapshots(connection, expected):
        if snapshot.probe_id in expected:
            placed[snapshot.probe_id] = max(
                placed.get(snapshot.probe_id, (0, "")), (snapshot.observed_at, snapshot.country_code or "")
            )
    countries = {country for _, country in placed.values() if country}
    for country in sorted(countries):
        there = {probe_id for probe_id, (_, placed_in) in placed.items() if placed_in == country}
        yield InCountry(country, len(there), len(there & (silent - heard)))


def _failed(connection: Connection, label: Label, now_at: int, followed: set[int]) -> Iterator[FailedTask]:
    """Tasks that failed twice in a row: what failed once may be a moment of the platform's."""
    by_kind: dict[str, list[str]] = {}
    for task, failure in ticks.find_failing(connection, label.value, now_at).items():
        kind, _, number = task.rpartition(" ")
        if not number.isdecimal():
            by_kind[task] = [failure]
        elif int(number) in followed:
            by_kind.setdefault(kind, []).append(failure)
    for kind, failures in by_kind.items():
        also = f" (and {len(failures) - 1} more of its kind)" if len(failures) > 1 else ""
        yield FailedTask(kind, f"{failures[-1]}{also}")


def _refused(connection: Connection, under_way: Iterable[Dispatch]) -> Iterator[RefusedDispatch]:
    for one in under_way:
        decision = last_decision(connection, one.dispatch_id)
        if decision is not None and not decision.is_permitted:
            yield RefusedDispatch(one.dispatch_id, one.agreement_id, decision.reason.explanation)


def _credits(connection: Connection, label: Label, signs: Iterable[Noted]) -> Credits | None:
    held = {one.sign: one.value for one in signs}
    if Sign.BALANCE not in held:
        return None
    return Credits(held[Sign.BALANCE], held.get(Sign.SPENT_PAST_DAY, 0), find_reserved(connection, label))


def is_alive(signs: Iterable[Noted], here_at: int) -> bool:
    """Whether a worker has said so lately."""
    return any(one.sign is Sign.ALIVE and one.value and here_at - one.noted_at <= ALIVE_S for one in signs)


def is_connected(signs: Iterable[Noted], here_at: int) -> bool:
    """Whether a worker that is alive has the stream open."""
    return any(one.sign is Sign.STREAM_CONNECTED and one.value and here_at - one.noted_at <= ALIVE_S for one in signs)


def stream_down_s(signs: Iterable[Noted], here_at: int) -> int | None:
    """For how long nobody has been connected to the stream; None while somebody is, or nobody ever was to be."""
    seen = [one.value for one in signs if one.sign is Sign.STREAM_SEEN_AT]
    if not seen:
        return None
    down_s = max(0, here_at - max(seen))
    return None if down_s <= ALIVE_S else down_s


def look_at_disk(settings: Settings) -> Disk | None:
    """How much room there is where the database is, or else the data folder; None where neither can be asked."""
    file = database_file(settings.database_url)
    folder = settings.data_dir if file is None else file.parent
    try:
        usage = shutil.disk_usage(folder)
    except OSError:
        return None
    return Disk(usage.free, usage.total, 0 if file is None else _size(file.with_name(f"{file.name}-wal")))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def backup_age_s(folder: Path | None, here_at: int) -> int | None:
    """How old the newest backup in a folder is; very old where there is none, None where none is wanted."""
    if folder is None:
        return None
    try:
        made = [path.stat().st_mtime for path in folder.glob(BACKUPS)]
    except OSError as error:
        _log.warning("the folder of backups cannot be read", why=error.strerror)
        made = []
    return max(0, here_at - int(max(made))) if made else NEVER_S


def checkpoint_age_s(connection: Connection, file: Path, now_at: int) -> int | None:
    """How long ago the audit trail was signed, or should have been; None while it is empty."""
    if not find_tip(connection).n_entries:
        return None
    try:
        last = next((one for line in reversed(read_lines(file)) if (one := read_line(line))), None)
    except UnusableFile:
        last = None
    if last is not None:
        return max(0, now_at - last.at)
    first = find_entry(connection, 1)
    return None if first is None else max(0, now_at - first.at)
