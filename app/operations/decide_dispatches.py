"""Ask the gate about a dispatch: everything that it decides by is put together here."""

from collections.abc import Collection

from sqlalchemy import Connection

from app.operations import keep_treasury
from app.operations.keep_memorandum import find_standing
from app.store import dispatches as store
from app.store.agreements import find_agreement, find_designations
from app.store.catalogue import find_entries
from app.store.dispatch_load import find_load_before
from app.store.dispatches import Dispatch
from app.store.reviews import find_acceptances
from measurements.agreements.catalogue import beside
from measurements.agreements.gate import Case, Consent, Decision, Surroundings, decide
from measurements.agreements.platform_terms import Service, are_accepted
from measurements.agreements.reasons import Reason
from measurements.campaigns.limits import USUAL, PlatformLimits, exceeded, load_of
from measurements.errors import NotFound
from measurements.results.outcome import Label


def decide_on(connection: Connection, dispatch: Dispatch, now: int, limits: PlatformLimits = USUAL) -> Decision:
    """What the gate says of a dispatch now."""
    return decide(*case_of(connection, dispatch, now, limits))


def case_of(connection: Connection, dispatch: Dispatch, now: int, limits: PlatformLimits = USUAL) -> Case:
    """Everything that the gate decides it by."""
    agreement = find_agreement(connection, dispatch.agreement_id)
    consent = None if agreement is None else Consent(agreement, find_designations(connection))
    entries = find_entries(connection)
    target = next((one for one in entries if one.name == dispatch.intent.allowed.target), None)
    others = () if target is None else beside(target, entries)
    surroundings = Surroundings(
        target=target,
        credits_committed=store.committed_credits(connection, dispatch),
        packets_per_s_committed=store.committed_rate(connection, dispatch, [one.name for one in others]),
        are_terms_accepted=dispatch.label is not Label.MEASURED or _are_terms_accepted(connection, now),
        networks=tuple(one for one in entries if one.asn is not None),
        beside=others,
        exceeded=_exceeded(connection, dispatch, {one.name for one in others}, limits, now),
    )
    return Case(dispatch.intent, consent, find_standing(connection, now), surroundings, now)


def _exceeded(
    connection: Connection, dispatch: Dispatch, beside: Collection[str], limits: PlatformLimits, now: int
) -> dict[Reason, str]:
    """The account's credits first, then the platform's limits, each with its figures."""
    own = load_of(dispatch.intent)
    load = find_load_before(connection, dispatch, now)
    named = [one._replace(target=own.target) if one.target in beside else one for one in load]
    found = {one.limit.reason: one.figures for one in exceeded(named, own, limits, now)}
    lacking = keep_treasury.lacking(connection, dispatch)
    return {Reason.OVER_BUDGET: lacking, **found} if lacking else found


def _are_terms_accepted(connection: Connection, now: int) -> bool:
    return are_accepted(find_acceptances(connection, service=Service.RIPE_ATLAS), Service.RIPE_ATLAS, now)


def require_dispatch(connection: Connection, dispatch_id: int, *, lock: bool = False) -> Dispatch:
    """A dispatch, its row locked if that is wanted. Raises `NotFound`."""
    find = store.lock_dispatch if lock else store.find_dispatch
    dispatch = find(connection, dispatch_id)
    if dispatch is None:
        raise NotFound(f"There is no dispatch {dispatch_id}.")
    return dispatch
