"""What a worker does, and how often: the list that `run_due` works off, made anew from what is followed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection

from app.operations.choose_probes import find_probes_to_refresh
from app.operations.close_rounds import close_rounds
from app.operations.collect_measurement import poll, recheck
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.find_lost_dispatches import find_lost
from app.operations.follow_built_ins import follow_built_ins
from app.operations.make_request import plan_waiting
from app.operations.plan_rounds import plan_rounds
from app.operations.quarantine_outside import quarantine_outside
from app.operations.reconcile_credits import settle_due
from app.operations.refresh_measurement import refresh_measurement
from app.operations.refresh_probes import refresh_probes
from app.operations.remind import Telling, remind
from app.operations.run_due import Lease, LeaseLost, Task
from app.operations.send_dispatches import send_intended
from app.operations.stop_dispatches import decide_again
from app.store.engine import Transaction
from app.store.find_vantage import find_probes_heard, find_unplaced
from app.store.followed import Followed, find_followed, list_followed, save_outcome
from app.store.ticks import forget_old, has_failed
from measurements.campaigns.collecting import is_past_polling
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.errors import RasadError, Stopped
from measurements.units import DAY_S

POLL_EVERY_S = 600
TURN_S = 600
"""So long a poll may go on before others have their turn; what is left is polled when it is next due."""
RECHECK_EVERY_S = 1_800
REFRESH_EVERY_S = 3_600
REGISTRY_AT_S = 5 * 3_600
"""Within a day, UTC: ten in the morning in Dushanbe, when somebody is there to see what changed."""
REMIND_AT_S = 19 * 3_600
"""Within a day, UTC: when a day begins in Dushanbe."""
TARGETS_AT_S = 4 * 3_600
"""An hour before that, for the same reason."""
ERASE_AT_S = 19 * 3_600 + 300
"""Within a day, UTC: a day in Dushanbe has just ended, and with it the days that something is kept."""
SETTLE_AT_S = 2 * 3_600
"""Within a day, UTC: the night in Dushanbe is charged by then."""
BACK_UP_AT_S = 18 * 3_600
"""Within a day, UTC: an hour before midnight in Dushanbe, and two before the campaigns of a night."""
CREDITS_EVERY_S = 900
ALERT_EVERY_S = 300
AGAIN_S = 3_600
"""After a failure of what is done daily: it must not be a day late because somebody was away for some minutes."""
TEND_EVERY_S = 3_600
DECIDE_EVERY_S = 30
"""What is refused is asked to stop half a minute later, or when the question in hand is answered; it is read back at
once and every half minute, so that within two minutes it has stopped.
"""
SEND_EVERY_S = 30
HOLD_EVERY_S = 60
"""What was taken in before somebody said that it is not to be measured leaves the series within a minute or two."""
CAMPAIGNS_EVERY_S = 30
CLOSE_EVERY_S = 300
SPREAD = 7_919
"""A prime: multiplied with a measurement's number it spreads tasks evenly over their period."""

_log = structlog.get_logger("rasad.worker")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tasks:
    """Makes the list."""

    snapshot: Transaction
    """Begins units of work that only read."""
    fetcher_for: Callable[[Callable[[Fetched], None]], Fetcher]
    """Gives a fetcher that calls this after every batch: a lease is renewed."""
    tend: Callable[[], None]
    """Does what a database wants done from time to time, outside any unit of work."""
    seal: Callable[[int], None]
    """Signs how the audit trail stands at an instant."""
    is_sealed: Callable[[int], bool] = lambda _: True
    """Whether a checkpoint covers an entry of the audit trail."""
    erase: Callable[[Lease], None] | None = None
    """Erases what agreements say; None where nobody does."""
    refresh_registry: Callable[[Lease], None] | None = None
    """Asks RIPEstat what is Tajik; None where nothing may be asked of it, as during a rehearsal."""
    look_after_targets: Callable[[Lease], None] | None = None
    """Looks where the names of targets lead; None where no name server may be asked."""
    limits: PlatformLimits = USUAL
    """What RIPE Atlas lets the account do."""

    alert: Callable[[Lease], None] | None = None
    """Tells people what is wrong; None where nobody looks."""
    read_credits: Callable[[Lease], None] | None = None
    """Asks what is left on the account; None without a key that may."""
    back_up: Callable[[Lease], None] | None = None
    """Makes a backup; None where none are wanted."""
    telling: Callable[[], Telling | None] = lambda: None
    """Whom reminders are told."""

    def __iter__(self) -> Iterator[Task]:
        fetcher = self.fetcher_for(_nothing)
        label, now_at = fetcher.label.value, int(fetcher.clock.now().timestamp())
        yield Task(f"{label} tend", TEND_EVERY_S, 0, self._tend)
        yield Task(f"{label} seal", DAY_S, 0, lambda lease: self.seal(int(lease.clock.now().timestamp())))
        yield Task(f"{label} decide", DECIDE_EVERY_S, 0, self._decide, is_urgent=True)
        yield Task(f"{label} campaigns", CAMPAIGNS_EVERY_S, 0, self._campaigns, is_urgent=True)
        yield Task(f"{label} send", SEND_EVERY_S, 0, self._send, is_urgent=True)
        yield Task(f"{label} hold to consent", HOLD_EVERY_S, 0, _hold_to_consent)
        yield Task(f"{label} close rounds", CLOSE_EVERY_S, 0, self._close_rounds)
        if self.alert is not None:
            yield Task(f"{label} alert", ALERT_EVERY_S, 0, self.alert)
        if self.read_credits is not None:
            yield Task(f"{label} credits", CREDITS_EVERY_S, 0, self.read_credits)
        with self.snapshot() as connection:
            followed = list_followed(connection, fetcher.label, only_unsettled=True)
            daily = [_daily(connection, f"{label} refresh probes", 0, self._refresh_probes)]
            daily.append(_daily(connection, f"{label} remind", REMIND_AT_S, self._remind))
            daily.append(_daily(connection, f"{label} settle", SETTLE_AT_S, self._settle))
            if self.erase is not None:
                daily.append(_daily(connection, f"{label} erase", ERASE_AT_S, self.erase))
            if self.back_up is not None:
                daily.append(_daily(connection, f"{label} back up", BACK_UP_AT_S, self.back_up))
            if self.refresh_registry is not None:
                daily.append(_daily(connection, f"{label} refresh registry", REGISTRY_AT_S, self.refresh_registry))
            if self.look_after_targets is not None:
                daily.append(_daily(connection, f"{label} look after targets", TARGETS_AT_S, self.look_after_targets))
        yield from daily
        for one in followed:
            yield self._task("refresh", REFRESH_EVERY_S, one, _refresh)
            if not is_past_polling(one.position, now_at):
                yield self._task("poll", POLL_EVERY_S, one, _poll)
            yield self._task("recheck", RECHECK_EVERY_S, one, _recheck)

    def _task(self, kind: str, every_s: int, followed: Followed, act: Callable[[Fetcher, Followed], None]) -> Task:
        """What is asked of the platform for one measurement. Why it failed is noted with it, by kind."""

        def run(lease: Lease) -> None:
            fetcher = self.fetcher_for(lease.renew)
            with self.snapshot() as connection:
                fresh = find_followed(connection, followed.label, followed.atlas_id)
            if fresh is None:  # unfollowed meanwhile
                return
            try:
                act(fetcher, fresh)
            except (LeaseLost, Stopped):
                raise  # it was neither done, nor did it fail
            except RasadError as error:
                _note(fetcher, fresh, kind, str(error))
                raise
            _note(fetcher, fresh, kind, None)

        return Task(f"{followed.label} {kind} {followed.atlas_id}", every_s, followed.atlas_id * SPREAD % every_s, run)

    def _decide(self, lease: Lease) -> None:
        """Ask the gate about everything under way, stop what it refuses, and look up what was sent and not answered."""
        fetcher = self.fetcher_for(lease.renew)
        work = fetcher.transaction, fetcher.atlas, fetcher.clock, fetcher.label
        # first: that an answer cannot be looked up must not keep anything running
        stopping = decide_again(*work, self.limits)
        if stopping.stopped or stopping.pending or stopping.failures:
            _log.info("decided again", **stopping._asdict())
        if found := find_lost(*work):
            _log.info("lost answers found", n=found)
        if stopping.recorded_in is not None and not self.is_sealed(stopping.recorded_in):
            self.seal(int(lease.clock.now().timestamp()))  # whoever withdrew need not wait a day for proof

    def _remind(self, lease: Lease) -> None:
        remind(lease.transaction, lease.clock, self.telling())

    def _send(self, lease: Lease) -> None:
        """Send what people asked for over HTTP, what an agreement covers since, or what a command left behind."""
        fetcher = self.fetcher_for(lease.renew)
        work = fetcher.transaction, fetcher.atlas, fetcher.clock, fetcher.label
        if n_planned := plan_waiting(fetcher.transaction, fetcher.clock, fetcher.label, self.limits):
            _log.info("requests planned that waited for consent", n=n_planned)
        if n_sent := send_intended(*work, self.limits):
            _log.info("dispatches sent", n=n_sent)

    def _settle(self, lease: Lease) -> None:
        """Settle what RIPE Atlas has charged."""
        fetcher = self.fetcher_for(lease.renew)
        settle_due(fetcher.transaction, fetcher.atlas, fetcher.clock, fetcher.label)

    def _campaigns(self, lease: Lease) -> None:
        """Plan the rounds that are due; what the gate permits goes out with what is sent next."""
        fetcher = self.fetcher_for(lease.renew)
        planned = plan_rounds(fetcher.transaction, int(fetcher.clock.now().timestamp()), fetcher.label, self.limits)
        if any(planned):
            _log.info("rounds planned", **planned._asdict())
        if n_new := follow_built_ins(fetcher, planned.campaign_ids):
            _log.info("built-ins followed", n=n_new)

    def _close_rounds(self, lease: Lease) -> None:
        fetcher = self.fetcher_for(lease.renew)
        closed = close_rounds(fetcher.transaction, int(fetcher.clock.now().timestamp()), fetcher.label)
        if closed.n_rounds:
            _log.info("rounds closed", **closed._asdict())

    def _tend(self, lease: Lease) -> None:
        self.tend()
        with lease.transaction() as connection:
            forget_old(connection, self.fetcher_for(_nothing).label.value, int(lease.clock.now().timestamp()))

    def _refresh_probes(self, lease: Lease) -> None:
        """Where the probes are that results come from, that are chosen, or that could be."""
        fetcher = self.fetcher_for(lease.renew)
        with self.snapshot() as connection:
            chosen, countries = find_probes_to_refresh(connection, fetcher.label)
            probe_ids = sorted(chosen.union(find_probes_heard(connection, fetcher.label)))
        if probe_ids:
            _refresh_known(fetcher, probe_ids=probe_ids)
        for code in sorted(countries):
            _refresh_known(fetcher, country_code=code)


def _refresh_known(fetcher: Fetcher, **which: Any) -> None:
    work = fetcher.transaction, fetcher.atlas, fetcher.clock
    found, written = refresh_probes(*work, label=fetcher.label, origin=fetcher.origin, **which)
    _log.info("probes refreshed", found=len(found), new=written.n_new, changed=written.n_changed)


def _note(fetcher: Fetcher, followed: Followed, kind: str, failure: str | None) -> None:
    with fetcher.transaction() as connection:
        save_outcome(connection, followed, kind, failure, int(fetcher.clock.now().timestamp()))


def _hold_to_consent(lease: Lease) -> None:
    quarantine_outside(lease.transaction, lease.clock, lease.renew)


def _daily(connection: Connection, name: str, offset_s: int, run: Callable[[Lease], None]) -> Task:
    """Something that is done daily, and within the hour where it failed."""
    return Task(name, AGAIN_S if has_failed(connection, name) else DAY_S, offset_s, run)


def _nothing(_: Fetched) -> None:
    """Nobody waits."""


def _refresh(fetcher: Fetcher, followed: Followed) -> None:
    """How it stands, and where participants are of whom nobody here knows it: no figure says anything without."""
    refresh_measurement(fetcher.transaction, fetcher.atlas, fetcher.clock, followed, fetcher.origin)
    with fetcher.transaction() as connection:
        unplaced = find_unplaced(connection, followed.atlas_id, followed.label)
    if unplaced:
        refresh_probes(
            fetcher.transaction,
            fetcher.atlas,
            fetcher.clock,
            label=fetcher.label,
            origin=fetcher.origin,
            probe_ids=unplaced,
        )


def _poll(fetcher: Fetcher, followed: Followed) -> None:
    _say("polled", followed, poll(fetcher, followed, fetcher.clock.deadline(TURN_S)))


def _recheck(fetcher: Fetcher, followed: Followed) -> None:
    _say("re-checked", followed, recheck(fetcher, followed))


def _say(what: str, followed: Followed, fetched: Fetched) -> None:
    if fetched.kept or fetched.quarantined:
        _log.info(
            what, atlas_id=followed.atlas_id, read=fetched.read, kept=fetched.kept, quarantined=fetched.quarantined
        )
