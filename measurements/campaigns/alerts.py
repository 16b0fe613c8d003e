"""Alerts: what a person has to know of, by what is known of the service. Facts in, alerts out; nothing is asked.

An alert is named by a key, which is the same as long as the same thing is wrong: by it one is sent when it begins and
once when it has ended, however often it is looked at. Silence is one of them: nothing has failed, and nothing comes.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple

from measurements.units import DAY_S, HOUR_S, MINUTE_S

LOST_AFTER_S = 20 * MINUTE_S
"""A dispatch that was sent and is neither answered nor found by its tag for so long waits for a person."""
STREAM_PATIENCE_S = 30 * MINUTE_S
LEAST_FREE = 0.1
"""Of a disk."""
LEAST_FREE_BYTES = 1_000_000_000
MOST_LOG_BYTES = 512_000_000
"""SQLite folds its log back at 32 MB; one that is larger by far is being read by somebody who does not end."""
DAILY_S = DAY_S + 2 * HOUR_S
"""What is done daily is overdue two hours later."""
DAYS_OF_CREDITS = 3
"""Credits run low when they last for so many days or less, at the pace of the past day and with what is reserved."""
MOST_SILENT = 0.5
"""Of a country's probes: when at least so many of at least `FEWEST_PROBES` are silent, the country is."""
FEWEST_PROBES = 3
REMIND_S = DAY_S


class Severity(StrEnum):
    """How much it matters."""

    WARNING = "warning"
    CRITICAL = "critical"
    """Results are being lost, or will be, or nobody would notice."""


class Alert(NamedTuple):
    """Something is wrong."""

    key: str
    severity: Severity
    words: str
    """What it is, and what to do."""


class Silent(NamedTuple):
    """A followed measurement of which nothing is heard."""

    atlas_id: int
    target: str
    for_s: int


class InCountry(NamedTuple):
    """Of how many probes of a country results are expected, and from how many none come."""

    country_code: str
    n_expected: int
    n_silent: int


class FailedTask(NamedTuple):
    """A task that failed when it was last run."""

    task: str
    failure: str


class WaitingDispatch(NamedTuple):
    """A dispatch of which nobody knows whether it exists."""

    dispatch_id: int
    agreement_id: int
    sent_at: int


class RefusedDispatch(NamedTuple):
    """A dispatch that ran, and may not any more."""

    dispatch_id: int
    agreement_id: int
    explanation: str


class Credits(NamedTuple):
    """The account on RIPE Atlas."""

    balance: int
    spent_past_day: int
    reserved: int
    """By what is to be sent."""


class Disk(NamedTuple):
    """Where the data is."""

    free_bytes: int
    total_bytes: int
    log_bytes: int
    """Of SQLite's write-ahead log; 0 on PostgreSQL."""


class Facts(NamedTuple):
    """All that alerts come from. Instants are seconds since the epoch; what is not known is None, and no alert."""

    now_at: int
    silent: tuple[Silent, ...] = ()
    countries: tuple[InCountry, ...] = ()
    failed: tuple[FailedTask, ...] = ()
    waiting: tuple[WaitingDispatch, ...] = ()
    refused: tuple[RefusedDispatch, ...] = ()
    credits: Credits | None = None
    stream_down_s: int | None = None
    """For how long the stream has been away; None where it is there, or is not wanted."""
    disk: Disk | None = None
    backup_age_s: int | None = None
    """How old the newest backup is; None where none are wanted."""
    checkpoint_age_s: int | None = None
    """How old the newest checkpoint of the audit trail is; None while there is nothing to sign."""


def alerts(facts: Facts) -> tuple[Alert, ...]:
    """Everything that is wrong, each thing once, by its key."""
    found = (
        *map(_of_silence, facts.silent),
        *_of_countries(facts.countries),
        *map(_of_task, facts.failed),
        *_of_waiting(facts.waiting, facts.now_at),
        *map(_of_refused, facts.refused),
        *_of_credits(facts.credits),
        *_of_stream(facts.stream_down_s),
        *_of_disk(facts.disk),
        *_of_days(facts),
    )
    return tuple(sorted({one.key: one for one in found}.values()))


def _of_silence(one: Silent) -> Alert:
    towards = f" toward {one.target}" if one.target else ""
    return Alert(
        f"silence:{one.atlas_id}",
        Severity.WARNING,
        f"Nothing has come of measurement {one.atlas_id}{towards} for {duration(one.for_s)}, though results are "
        "expected. `rasad followed` says which probes are silent.",
    )


def _of_countries(countries: Iterable[InCountry]) -> Iterator[Alert]:
    for one in countries:
        if one.n_expected >= FEWEST_PROBES and one.n_silent >= MOST_SILENT * one.n_expected:
            yield Alert(
                f"silence:{one.country_code}",
                Severity.CRITICAL,
                f"{one.n_silent} of {one.n_expected} probes in {one.country_code} are silent. Nobody here knows why: "
                "it may be their networks, the platform or the collecting of it.",
            )


def _of_task(one: FailedTask) -> Alert:
    return Alert(
        f"task:{one.task}",
        Severity.WARNING,
        f"The task “{one.task}” failed when it was last run, and is tried again: {one.failure}",
    )


def _of_waiting(waiting: Iterable[WaitingDispatch], now_at: int) -> Iterator[Alert]:
    for one in waiting:
        if now_at - one.sent_at > LOST_AFTER_S:
            yield Alert(
                f"dispatch:{one.dispatch_id}",
                Severity.CRITICAL,
                f"Dispatch {one.dispatch_id} of agreement {one.agreement_id} was sent and not answered, and is not "
                f"found by its tag. A person has to look at RIPE Atlas, and at `rasad agreement explain "
                f"{one.agreement_id}`.",
            )


def _of_refused(one: RefusedDispatch) -> Alert:
    return Alert(
        f"refused:{one.dispatch_id}",
        Severity.CRITICAL,
        f"Dispatch {one.dispatch_id} of agreement {one.agreement_id} ran, and the gate refuses it now; it is being "
        f"stopped. {one.explanation}",
    )


def _of_credits(credits_: Credits | None) -> Iterator[Alert]:
    if credits_ is None:
        return
    left = credits_.balance - credits_.reserved
    if left < DAYS_OF_CREDITS * credits_.spent_past_day or left < 0:
        is_critical = left < credits_.spent_past_day
        yield Alert(
            "credits",
            Severity.CRITICAL if is_critical else Severity.WARNING,
            f"{credits_.balance:,} credits are left, {credits_.reserved:,} of them reserved, and "
            f"{credits_.spent_past_day:,} were spent in the past day. Without credits RIPE Atlas stops measurements.",
        )


def _of_stream(down_s: int | None) -> Iterator[Alert]:
    if down_s is not None and down_s > STREAM_PATIENCE_S:
        yield Alert(
            "stream",
            Severity.WARNING,
            f"The stream has been away for {duration(down_s)}. The poll still brings everything, some minutes later.",
        )


def _of_disk(disk: Disk | None) -> Iterator[Alert]:
    if disk is None:
        return
    if disk.free_bytes < max(LEAST_FREE_BYTES, LEAST_FREE * disk.total_bytes):
        yield Alert(
            "disk",
            Severity.CRITICAL if disk.free_bytes < LEAST_FREE_BYTES else Severity.WARNING,
            f"{disk.free_bytes / 1e9:,.1f} of {disk.total_bytes / 1e9:,.1f} GB are free where the data is. Without "
            "room nothing more is kept.",
        )
    if disk.log_bytes > MOST_LOG_BYTES:
        yield Alert(
            "log",
            Severity.WARNING,
            f"The database's log has grown to {disk.log_bytes / 1e6:,.0f} MB: somebody has been reading for very long, "
            "or another program holds the database open.",
        )


def _of_days(facts: Facts) -> Iterator[Alert]:
    if facts.backup_age_s is not None and facts.backup_age_s > DAILY_S:
        yield Alert(
            "backup",
            Severity.CRITICAL,
            f"The newest backup is {duration(facts.backup_age_s)} old, or there is none. `rasad backup FILE` makes "
            "one and says what keeps it from being made.",
        )
    if facts.checkpoint_age_s is not None and facts.checkpoint_age_s > DAILY_S:
        yield Alert(
            "checkpoint",
            Severity.WARNING,
            f"The audit trail was last signed {duration(facts.checkpoint_age_s)} ago. `rasad audit checkpoint` signs "
            "it, and says what keeps it from being signed.",
        )


def duration(for_s: int) -> str:
    """So long, in the largest unit of which it is at least two."""
    for unit_s, unit in ((DAY_S, "days"), (HOUR_S, "hours"), (MINUTE_S, "minutes")):
        if for_s >= 2 * unit_s:
            return f"{for_s // unit_s:,} {unit}"
    return f"{for_s} seconds"
