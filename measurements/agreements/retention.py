"""Retention: until when what was collected under an agreement is kept, and how it is said that it was erased.

Results as they were retrieved (`raw`) and all values of single probes (`probe_level`) are kept for as many days as the
card says, and no longer. Days are whole calendar days in Dushanbe after the day of the measurement: what was measured
on a day and is kept for N days goes when the N-th day after it ends. The shortest of the binding cards counts: of the
version under which it was measured, and of every narrower card that a party has set since, for what was measured before
it as well. A withdrawal, or the end of the agreement, makes neither longer nor shorter what the parties agreed on.
"""

import hashlib
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from measurements.agreements.agreement import Agreement, Version, cards_in_force
from measurements.units import DUSHANBE, day_start

_ZONE = ZoneInfo(DUSHANBE)


class Level(StrEnum):
    """How much is erased."""

    RAW = "raw"
    """Results as they were retrieved. What was read in them stays."""
    PROBE_LEVEL = "probe_level"
    """Everything that tells of single probes. Figures of a network and of the country stay."""


class Why(StrEnum):
    """Why something was erased."""

    AS_AGREED = "as_agreed"
    """The days that the card allows are over."""
    RESTORED = "restored"
    """A tombstone was put up, and it is here: it came back with a copy of the database, or a run was cut off."""


class Keeping(NamedTuple):
    """For how many days the binding cards let things be kept, and on how many probes a figure must rest that stays."""

    raw_days: int
    probe_level_days: int
    min_probes: int
    min_networks: int

    def days(self, level: Level) -> int:
        """For how long what is on a level is kept."""
        return self.raw_days if level is Level.RAW else self.probe_level_days


class Tombstone(NamedTuple):
    """What was erased in one unit of work: nothing of what it said, only that it was. Instants are UTC seconds."""

    agreement_id: int
    version: int
    label: str
    atlas_id: int
    level: str
    from_at: int
    """The day in Dushanbe on which it was measured."""
    until_at: int
    """Its end, exclusive."""
    n_records: int
    digest: str
    """What `digest_of_records` gives for the digests of the records."""
    days: int
    """For how many days it was to be kept."""
    why: str
    erased_at: int


def keeping(agreement: Agreement, version: Version, now: int) -> Keeping:
    """What the binding cards say together: the fewest days, the most probes."""
    cards = cards_in_force(agreement, version, now)
    return Keeping(
        raw_days=min(card.retention.raw_days for card in cards),
        probe_level_days=min(card.retention.probe_level_days for card in cards),
        min_probes=max(card.publication.min_probes for card in cards),
        min_networks=max(card.publication.min_networks for card in cards),
    )


def goes_at(measured_at: int, days: int) -> int:
    """When something that was measured at an instant and is kept for some days has to be gone."""
    return day_start(measured_at, _ZONE, days + 1)


def gone_before(now: int, days: int) -> int:
    """Everything that was measured before this instant has to be gone by now: the beginning of a day in Dushanbe."""
    return day_start(now, _ZONE, -days)


def day_of(at: int) -> tuple[int, int]:
    """The day in Dushanbe that holds an instant: its beginning, and its end."""
    return day_start(at, _ZONE), day_start(at, _ZONE, 1)


def counts_from(measured_at: int | None, stored_at: int | None, retrieved_at: int, *, is_datable: bool) -> int:
    """From which instant the days of a result count: when it was measured, if its clock is good enough for a series.

    Else from when the platform stored it, or when it came here, whichever is earlier: no clock can make it stay longer.
    """
    if is_datable and measured_at is not None:
        return measured_at
    return retrieved_at if stored_at is None else min(stored_at, retrieved_at)


def digest_of_records(digests: Iterable[bytes]) -> str:
    """SHA-256, in hexadecimal digits, of the digests of records one behind the other, in their order as bytes."""
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()
