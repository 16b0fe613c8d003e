"""When a probe is connected, what it does while it is not, and when what it measured reaches the platform."""

from collections.abc import Sequence
from typing import NamedTuple

from app.rehearsal.chance import number, share
from app.rehearsal.world.chance import FULL, mix, pick
from app.rehearsal.world.probes import Life, Vantage
from app.rehearsal.world.signals import Kind, Mode, Signal

DAY = 86_400
YEAR = 365 * DAY
SHORTEST_S, LONGEST_S = 150, 4 * 3600
MODES = (Mode.LATE, Mode.LATE, Mode.LATE, Mode.OFF, Mode.OFF, Mode.CUT)
WORST_PER_DAY = 0.3
"""How likely the least steady probe has an outage on a day."""
LOOKED_BACK_DAYS = 60
BATCH_S = 180
"""A probe uploads what it has every three minutes; recorded: half of all results are stored within 97 s."""
SKIPPED_BATCHES = 0.03
OUTAGES_ON_END = 100
"""After so many without a moment between them, a result is stored all the same."""


class Outage(NamedTuple):
    """From when until before when a probe is not connected, and what it does meanwhile."""

    start: int
    stop: int
    mode: Mode


class _Habits(NamedTuple):
    """What every result of a probe asks for: since when it is there, when it left, when it uploads, its clock."""

    first: int
    gone: int | None
    batch_phase: int
    clock_every: int
    signals: tuple[Signal, ...]


class Presence:
    """The connections of a world's probes."""

    def __init__(self, seed: int, epoch: int, signals: Sequence[Signal], outages: float) -> None:
        """`outages` scales how often probes lose their connection without a signal."""
        self._seed = seed
        self._epoch = epoch
        self._signals = [signal for signal in signals if signal.kind is Kind.DISCONNECTION]
        self._outages = outages
        self._days: dict[tuple[int, int], Outage | None] = {}
        self._habits: dict[int, _Habits] = {}

    def outage(self, vantage: Vantage, at: int) -> Outage | None:
        """The outage that a probe is in at an instant."""
        habits = self._habits_of(vantage)
        if habits.gone is not None and at >= habits.gone:
            return Outage(habits.gone, at + YEAR, Mode.OFF)
        if at < habits.first:
            return Outage(0, habits.first, Mode.OFF)
        for signal in habits.signals:
            if signal.covers(at):
                return Outage(*signal.occurrence(at), signal.mode)
        usual = self.usual(vantage, at // DAY)
        return usual if usual and usual.start <= at < usual.stop else None

    def first_connected(self, vantage: Vantage) -> int | None:
        """When a probe was first seen; None for one that never was."""
        if vantage.life is Life.NEVER:
            return None
        return self._epoch - YEAR - number(self._seed, "first", vantage.id) % (3 * YEAR)

    def gone_since(self, vantage: Vantage) -> int | None:
        """Since when a probe is away for good."""
        if vantage.life is Life.WORKING:
            return None
        if vantage.life is Life.NEVER:
            return 0
        days = 9 if vantage.life is Life.DISCONNECTED else 200
        return self._epoch - days * DAY - number(self._seed, "gone", vantage.id) % DAY

    def since(self, vantage: Vantage, at: int) -> tuple[Life, int | None]:
        """The status that the platform shows for a probe, and since when."""
        habits = self._habits_of(vantage)
        if vantage.life is Life.NEVER or at < habits.first:
            return Life.NEVER, None
        gone = habits.gone
        if gone is not None and at >= gone:
            return vantage.life, gone
        outage = self.outage(vantage, at)
        if outage:
            return Life.DISCONNECTED, outage.start
        return Life.WORKING, self._last_return(vantage, at)

    def stored_at(self, vantage: Vantage, measured_at: int, *, at_once: bool) -> int:
        """When the platform has a result: with the next batch, and not before the probe is connected."""
        delay = mix(vantage.id, measured_at)
        if at_once:
            upload = measured_at + 2 + delay % 8
        else:
            upload = measured_at - (measured_at + self._habits_of(vantage).batch_phase) % BATCH_S + BATCH_S
            if mix(upload, vantage.id) < SKIPPED_BATCHES * FULL:
                upload += BATCH_S
        gone = self._habits_of(vantage).gone
        for _ in range(OUTAGES_ON_END):
            if gone is not None and upload >= gone:
                upload = gone  # it uploads all that it has before it leaves
                break
            outage = self.outage(vantage, upload)
            if not outage:
                break
            upload = outage.stop + 20 + delay % 40
        return upload + 1 + delay % 3

    def clock_age(self, vantage: Vantage, at: int) -> int:
        """Seconds since the probe's clock was last set (`lts`)."""
        every = self._habits_of(vantage).clock_every
        outage = self.outage(vantage, at)
        return at - outage.start + every // 2 if outage else (at + vantage.id * 7) % every

    def _habits_of(self, vantage: Vantage) -> _Habits:
        known = self._habits.get(vantage.id)
        if known is None:
            batch_phase = number(self._seed, "batch", vantage.id) % BATCH_S
            signals = [one for one in self._signals if one.concerns(vantage)]
            clock_every = pick((60, 90, 180), "clock", vantage.id)
            first = self.first_connected(vantage) or 0
            known = _Habits(first, self.gone_since(vantage), batch_phase, clock_every, tuple(signals))
            self._habits[vantage.id] = known
        return known

    def _last_return(self, vantage: Vantage, at: int) -> int:
        ends = [
            last
            for signal in self._habits_of(vantage).signals
            for _, last in signal.occurrences(at - LOOKED_BACK_DAYS * DAY, at)
        ]
        today = at // DAY
        for day in range(today, today - LOOKED_BACK_DAYS, -1):
            usual = self.usual(vantage, day)
            if usual and usual.stop <= at:
                ends.append(usual.stop)
                break
        start = self._habits_of(vantage).first
        return max(ends, default=max(start, at - at % DAY - LOOKED_BACK_DAYS * DAY))

    def usual(self, vantage: Vantage, day: int) -> Outage | None:
        """The outage that a probe has on a day (days since 1970, UTC) without any signal."""
        key = (vantage.id, day)
        if key not in self._days:
            self._days[key] = self._draw(vantage, day)
        return self._days[key]

    def _draw(self, vantage: Vantage, day: int) -> Outage | None:
        steadiness = share(self._seed, "steady", vantage.id)
        likely = WORST_PER_DAY * self._outages * steadiness**2 * (0.1 if vantage.is_anchor else 1)
        if share(self._seed, "outage", vantage.id, day) >= likely:
            return None
        length = int(SHORTEST_S * (LONGEST_S / SHORTEST_S) ** share(self._seed, "length", vantage.id, day))
        start = day * DAY + int((DAY - length) * share(self._seed, "start", vantage.id, day))
        return Outage(start, start + length, pick(MODES, self._seed, "mode", vantage.id, day))
