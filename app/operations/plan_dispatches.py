"""What RIPE Atlas is asked for with a dispatch, for how long that makes sense, and in which words it has said no."""

from dataclasses import replace
from ipaddress import ip_address

from app.store.dispatches import Dispatch
from measurements.agreements.card import Allowed
from measurements.atlas.failures import KeyMissing
from measurements.atlas.gateway import Plan
from measurements.campaigns.dispatching import LAPSES_AFTER_S
from measurements.errors import RasadError
from measurements.targets import find_target


def plan_of(dispatch: Dispatch) -> Plan:
    """What RIPE Atlas is asked for. It says under which agreement, so that anybody may ask about it."""
    intent = dispatch.intent
    definition = intent.allowed.definition(f"Rasad, agreement {dispatch.agreement_id} of the parties, {dispatch.tag}")
    return Plan(
        definitions=(replace(definition, target=asked_address(intent.allowed), is_public=intent.is_public),),
        selections=tuple(one.selection for one in intent.selections),
        tag=dispatch.tag,
        is_oneoff=intent.is_oneoff,
        start_at=intent.start_at,
        stop_at=None if intent.is_oneoff else intent.stop_at,
    )


def asked_address(allowed: Allowed) -> str | None:
    """What RIPE Atlas is asked to measure: of a target that is known by name its address, of any other its name."""
    known = None if allowed.target is None else find_target(allowed.target)
    if known is None:
        return allowed.target
    return next(one for one in known.addresses if ip_address(one).version == allowed.address_family)


def is_over(dispatch: Dispatch, now: int) -> bool:
    """Whether its time has passed: it should have ended, or nobody has sent it for an hour after its beginning.

    A periodic one that RIPE Atlas did not take may begin late: somebody waits for what is left of it.
    """
    if dispatch.has_ended(now):
        return True
    may_be_late = dispatch.n_sent > 0 and not dispatch.intent.is_oneoff
    return not may_be_late and now > dispatch.intent.start_at + LAPSES_AFTER_S


def words_of(failure: RasadError, setting: str) -> str:
    """Why a call did not work, and which setting helps where that is so."""
    return f"{failure}; set {setting}" if isinstance(failure, KeyMissing) else str(failure)
