"""Keep campaigns: apply what a document says, pause, resume and stop them, and ask for one more round.

Each is one act of a person in one unit of work, told to the audit in it. What runs and is not wanted any more is
stopped by the worker, as whatever the gate refuses. Raises `NotPermitted`, `NotFound`, `NotPossible`,
`ChangedMeanwhile` and `InvalidContent`.
"""

from collections.abc import Collection
from typing import NamedTuple

from app.operations.acting import Acting, require_role
from app.operations.designate import ChangedMeanwhile
from app.operations.keep_catalogue import StateNotSaid
from app.operations.plan_rounds import next_round_at, plan_round
from app.store import campaigns as store
from app.store.agreements import find_agreement
from app.store.campaigns import Held
from app.store.plans import find_activity
from measurements.agreements.audit import Act as Done
from measurements.agreements.audit import SubjectKind
from measurements.agreements.people import Act
from measurements.campaigns.campaign import Campaign, digest
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.campaigns.schedule import ONE_OFF_S, Mode, Tick
from measurements.campaigns.standing import State
from measurements.errors import InvalidContent, NotFound, NotPossible
from measurements.results.outcome import Label
from measurements.units import HOUR_S

ETAG_CHARACTERS = 16


class Applied(NamedTuple):
    """What became of a document."""

    held: Held
    is_new: bool
    is_changed: bool
    """Whether it says something else than before; True for a new one."""


class Asked(NamedTuple):
    """A round that somebody asked for, beside the schedule."""

    held: Held
    tick: Tick
    n_permitted: int
    n_refused: int


def apply_campaign(acting: Acting, label: Label, document: Campaign, etags: Collection[str] | None = None) -> Applied:
    """Have measured what a document says from now on. The same document again changes nothing.

    `etags` are those by which the caller knows it, `*` for however it is, none for a new one; None asks for nothing.
    """
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    _require_known(acting, document)
    held = store.find_campaign(acting.connection, label, document.name, lock=True)
    if etags is not None:
        _require_as_read(held, etags)
    if held is None:
        store.add_campaign(acting.connection, label, document, acting.person_id, acting.now_at)
        return Applied(_applied(acting, label, document), is_new=True, is_changed=True)
    if held.digest == digest(document) and held.state is not State.STOPPED:
        return Applied(held, is_new=False, is_changed=False)
    if held.digest != digest(document):
        store.add_version(acting.connection, held, document, acting.person_id, acting.now_at)
    state = State.ACTIVE if held.state is State.STOPPED else held.state
    store.set_campaign(acting.connection, held.campaign_id, state=state.value, changed_at=acting.now_at)
    return Applied(_applied(acting, label, document), is_new=False, is_changed=True)


def pause_campaign(acting: Acting, label: Label, name: str) -> Held:
    """Have nothing measured until it is resumed; what runs is stopped."""
    return _end(acting, label, name, State.PAUSED)


def stop_campaign(acting: Acting, label: Label, name: str) -> Held:
    """Have nothing measured any more; what runs is stopped."""
    return _end(acting, label, name, State.STOPPED)


def resume_campaign(acting: Acting, label: Label, name: str) -> Held:
    """Go on with one that is paused."""
    held = _require(acting, label, name)
    if held.state is State.STOPPED:
        raise NotPossible("stopped", f"the campaign {name} was stopped; apply it again")
    if held.state is State.ACTIVE:
        return held
    store.set_campaign(acting.connection, held.campaign_id, state=State.ACTIVE.value, changed_at=acting.now_at)
    return _noted(acting, label, name, Done.CAMPAIGN_RESUMED)


def run_campaign(acting: Acting, label: Label, name: str, limits: PlatformLimits = USUAL) -> Asked:
    """Ask for one more round, now: as long as its schedule's windows, if it may be so long."""
    held = _require(acting, label, name)
    if held.state is not State.ACTIVE:
        raise NotPossible(held.state, f"the campaign {name} is {held.state}")
    if not held.document.from_at <= acting.now_at < held.document.until_at:
        raise NotPossible("not_its_time", f"the campaign {name} has not begun, or has ended")
    tick = _extra(held.document, acting.now_at)
    n_permitted, n_refused = plan_round(acting.connection, held, tick, acting.now_at, limits, is_extra=True)
    told = {"round_at": tick.round_at, "n_permitted": n_permitted, "n_refused": n_refused}
    acting.note(Done.ROUND_ASKED_FOR, SubjectKind.CAMPAIGN, name, version=held.version, details=told)
    return Asked(held, tick, n_permitted, n_refused)


def require_campaign(acting: Acting, label: Label, name: str, *, lock: bool = False) -> Held:
    """A campaign that is there. Raises `NotFound`."""
    held = store.find_campaign(acting.connection, label, name, lock=lock)
    if held is None:
        raise NotFound(f"There is no campaign {name}.")
    return held


def etag_of(held: Held) -> str:
    """A word that is another one after every change (RFC 9110, 8.8.3), with its quotes."""
    return f'"{held.version}-{held.state}-{held.digest[:ETAG_CHARACTERS]}"'


def _end(acting: Acting, label: Label, name: str, state: State) -> Held:
    held = _require(acting, label, name)
    if held.state in (state, State.STOPPED):
        return held
    store.set_campaign(acting.connection, held.campaign_id, state=state.value, next_at=None, changed_at=acting.now_at)
    return _noted(acting, label, name, _ENDING[state])


_ENDING = {State.PAUSED: Done.CAMPAIGN_PAUSED, State.STOPPED: Done.CAMPAIGN_STOPPED}


def _extra(document: Campaign, now: int) -> Tick:
    """A round that begins as soon as it can, and lasts as long as the next one of its schedule."""
    if document.schedule.mode is Mode.ROUNDS:
        return Tick(now, now + ONE_OFF_S)
    usual = document.next_due(now)
    lasts_s = HOUR_S if usual is None else usual.until_at - usual.round_at
    return Tick(now, min(now + lasts_s, document.until_at))


def _require(acting: Acting, label: Label, name: str) -> Held:
    require_role(acting.caller, Act.REQUEST_MEASUREMENT)
    return require_campaign(acting, label, name, lock=True)


def _require_as_read(held: Held | None, etags: Collection[str]) -> None:
    if held is not None and not etags:
        raise StateNotSaid(f"The campaign {held.document.name} is there: say which state of it you mean to change.")
    if etags and (held is None or not {"*", etag_of(held)} & set(etags)):
        raise ChangedMeanwhile("The campaign is not as it was read; read it again.")


def _require_known(acting: Acting, document: Campaign) -> None:
    problems = []
    if find_agreement(acting.connection, document.agreement_id) is None:
        problems.append(("/agreement_id", f"there is no agreement {document.agreement_id}"))
    if document.activity_id is not None and find_activity(acting.connection, document.activity_id) is None:
        problems.append(("/activity_id", f"there is no activity {document.activity_id}"))
    if problems:
        raise InvalidContent(problems)


def _applied(acting: Acting, label: Label, document: Campaign) -> Held:
    return _noted(acting, label, document.name, Done.CAMPAIGN_APPLIED)


def _noted(acting: Acting, label: Label, name: str, done: Done) -> Held:
    """The campaign as it is now, with what is due next, told to the audit."""
    held = require_campaign(acting, label, name)
    if held.state is State.ACTIVE:
        next_at = next_round_at(acting.connection, held, acting.now_at)
        store.set_campaign(acting.connection, held.campaign_id, next_at=next_at)
        held = held._replace(next_at=next_at)
    acting.note(done, SubjectKind.CAMPAIGN, name, version=held.version, digest=held.digest)
    return held
