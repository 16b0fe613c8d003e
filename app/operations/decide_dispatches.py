"""Ask the gate about a dispatch: everything that it decides by is put together here."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import Connection

from app.operations import keep_treasury
from app.operations.campaign_objection import objection_of_campaign
from app.operations.keep_memorandum import find_standing
from app.store import dispatches as store
from app.store.agreements import find_agreement, find_designations
from app.store.catalogue import find_entries
from app.store.dispatch_load import find_load_before
from app.store.dispatches import Dispatch
from app.store.find_registry import find_registry
from app.store.practice import practice_begun_at
from app.store.probes import find_probes
from app.store.requests import is_called_off
from app.store.reviews import find_acceptances
from measurements.agreements.catalogue import CatalogueEntry, beside
from measurements.agreements.gate import Case, Consent, Decision, Surroundings, decide
from measurements.agreements.platform_terms import Service, are_accepted
from measurements.agreements.reasons import Reason
from measurements.agreements.registry import Registry
from measurements.agreements.term import Standing
from measurements.agreements.whereabouts import probes_of
from measurements.campaigns.limits import USUAL, PlatformLimits, exceeded, load_of
from measurements.errors import NotFound
from measurements.probes import Probe
from measurements.results.outcome import Label
from measurements.selections import SelectedBy


class Facts(NamedTuple):
    """What the gate decides all dispatches of an agreement by: read once where many are decided in one unit of work."""

    consent: Consent | None
    memorandum: Standing
    entries: tuple[CatalogueEntry, ...]
    are_terms_accepted: bool


def facts_of(connection: Connection, agreement_id: int, label: Label, now: int) -> Facts:
    """The facts as they are now."""
    agreement = find_agreement(connection, agreement_id)
    return Facts(
        consent=None if agreement is None else Consent(agreement, find_designations(connection)),
        memorandum=find_standing(connection, now),
        entries=tuple(find_entries(connection)),
        are_terms_accepted=label is not Label.MEASURED or _are_terms_accepted(connection, now),
    )


def decide_on(
    connection: Connection, dispatch: Dispatch, now: int, limits: PlatformLimits = USUAL, facts: Facts | None = None
) -> Decision:
    """What the gate says of a dispatch now."""
    return decide(*case_of(connection, dispatch, now, limits, facts))


def case_of(
    connection: Connection, dispatch: Dispatch, now: int, limits: PlatformLimits = USUAL, facts: Facts | None = None
) -> Case:
    """Everything that the gate decides it by; `facts` are those of this very unit of work and instant."""
    facts = facts or facts_of(connection, dispatch.agreement_id, dispatch.label, now)
    entries = facts.entries
    target = next((one for one in entries if one.name == dispatch.intent.allowed.target), None)
    others = () if target is None else beside(target, entries)
    is_measured = dispatch.label is Label.MEASURED
    surroundings = Surroundings(
        target=target,
        credits_committed=store.committed_credits(connection, dispatch),
        packets_per_s_committed=store.committed_rate(connection, dispatch, [one.name for one in others]),
        are_terms_accepted=facts.are_terms_accepted,
        is_only_practice=is_measured and practice_begun_at(connection) is not None,
        networks=tuple(one for one in entries if one.asn is not None),
        beside=others,
        campaign=objection_of_campaign(connection, dispatch),
        probes=_find_named(connection, dispatch),
        registry=_find_registry(connection, dispatch, now),
        is_called_off=is_called_off(connection, dispatch.dispatch_id),
        exceeded=_exceeded(connection, dispatch, {one.name for one in others}, limits, now),
    )
    return Case(dispatch.intent, facts.consent, facts.memorandum, surroundings, now)


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


def _find_named(connection: Connection, dispatch: Dispatch) -> dict[int, Probe]:
    """What was last said of the probes that are chosen by their numbers."""
    named = {probe_id for one in dispatch.intent.selections for probe_id in probes_of(one)}
    return {one.probe_id: one for one in find_probes(connection, named, dispatch.label)} if named else {}


def _find_registry(connection: Connection, dispatch: Dispatch, now: int) -> Registry | None:
    """What Tajik networks announce; it is looked up where probes are chosen by prefix."""
    if all(one.by is not SelectedBy.PREFIX for one in dispatch.intent.selections):
        return None
    return find_registry(connection, now, dispatch.label)


def _are_terms_accepted(connection: Connection, now: int) -> bool:
    return are_accepted(find_acceptances(connection, service=Service.RIPE_ATLAS), Service.RIPE_ATLAS, now)


def require_dispatch(connection: Connection, dispatch_id: int, *, lock: bool = False) -> Dispatch:
    """A dispatch, its row locked if that is wanted. Raises `NotFound`."""
    find = store.lock_dispatch if lock else store.find_dispatch
    dispatch = find(connection, dispatch_id)
    if dispatch is None:
        raise NotFound(f"There is no dispatch {dispatch_id}.")
    return dispatch
