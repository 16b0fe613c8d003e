"""Show everybody what is measured and under which agreement: nothing of drafts, of votes that failed, or of reasons.

Whose withdrawal ended an agreement is not told: a party need not say why, and nobody should have to guess.
"""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import Connection

from app.operations.show_memorandum import standing_on_the_wire
from app.store.agreements import find_agreements, find_designations
from app.store.catalogue import find_entries
from app.store.dispatches import Dispatch, find_dispatches
from app.store.memorandum import find_memorandum
from app.store.practice import practice_begun_at
from measurements.agreements.agreement import (
    Agreement,
    Choice,
    Designations,
    State,
    Version,
    agreed_at,
    cards_in_force,
    effective,
    is_publicity_approved,
    state_of,
    valid_votes,
)
from measurements.agreements.card import Card, Selected
from measurements.agreements.catalogue import CatalogueEntry, Publicness
from measurements.agreements.term import standing
from measurements.results.outcome import Label
from measurements.selections import SelectedBy
from measurements.units import DAY_S, iso

SHOWN_FOR_S = 365 * DAY_S
"""How long what has ended is still shown."""
PLATFORM = "https://atlas.ripe.net/measurements/{}/"
IN_FORCE = frozenset({State.AGREED, State.SUSPENDED})
HOW_TO_STOP = (
    "Whoever is measured and does not wish to be writes to a contact of the agreement, or to any of the three parties: "
    "no reason is needed. A target whose owner opts out is not measured any more, and what runs towards it is stopped."
)


def show_measured(connection: Connection, now: int, label: Label) -> dict[str, Any]:
    """All of it in plain values under the names of the wire; what was rehearsed is apart from what is measured.

    `label` is that of the Atlas at hand, by which an agreement is told under which nothing was dispatched yet.
    """
    known, designations = find_memorandum(connection), find_designations(connection)
    practice_at = practice_begun_at(connection)
    in_force, ended = list[dict[str, Any]](), list[tuple[int, dict[str, Any]]]()
    for agreement in find_agreements(connection):
        version = effective(agreement, designations, now)
        if version is None:
            continue
        dispatches = find_dispatches(connection, agreement.agreement_id)
        labelled = {"label": Label.REHEARSED if practice_at is not None else _label(dispatches, label)}
        running = [one for one in dispatches if _is_running(one, now)]
        if state_of(agreement, designations, now) in IN_FORCE:
            in_force.append(labelled | _agreement(agreement, version, designations, running, now))
        elif (told := _ended(agreement, version, running))[0] > now - SHOWN_FOR_S:
            ended.append((told[0], labelled | told[1]))
    entries = find_entries(connection)
    return {
        "generated_at": iso(now),
        "practice_begun_at": None if practice_at is None else iso(practice_at),
        "memorandum": standing_on_the_wire(known, standing(known, now)),
        **_apart(in_force, [told for _, told in sorted(ended, key=lambda one: one[0], reverse=True)]),
        **_opted_out(entries, now),
        "how_to_stop": HOW_TO_STOP,
    }


def _label(dispatches: Iterable[Dispatch], at_hand: Label) -> Label:
    """What an agreement is for: practice, if all that was dispatched under it was rehearsed."""
    labels = {one.label for one in dispatches} or {at_hand}
    return Label.REHEARSED if labels == {Label.REHEARSED} else Label.MEASURED


def _apart(in_force: list[dict[str, Any]], ended: list[dict[str, Any]]) -> dict[str, Any]:
    """What is measured, and below `rehearsed` what is practice."""
    told = {"agreements": in_force, "ended": ended}
    measured, rehearsed = (
        {name: [one for one in those if one["label"] == label] for name, those in told.items()}
        for label in (Label.MEASURED, Label.REHEARSED)
    )
    return {**measured, "rehearsed": rehearsed}


def _is_running(dispatch: Dispatch, now: int) -> bool:
    return dispatch.is_under_way and not dispatch.has_ended(now)


def _agreement(
    agreement: Agreement, version: Version, designations: Designations, running: Collection[Dispatch], now: int
) -> dict[str, Any]:
    cards = cards_in_force(agreement, version, now)
    agreed = agreed_at(version, designations)
    return {
        "agreement_id": agreement.agreement_id,
        "state": state_of(agreement, designations, now).value,
        "version": version.number,
        "digest": version.digest,
        "agreed_at": None if agreed is None else iso(agreed),
        "agreed_by": [
            {"party": party.value, "name": party.full_name, "approved_at": iso(vote.cast_at)}
            for party, vote in valid_votes(version, designations).items()
            if vote.choice is Choice.APPROVE
        ],
        **_card(version.card),
        **_scope(cards),
        "is_publicity_approved": is_publicity_approved(version, designations),
        "runs": _runs(running),
    }


def _card(card: Card) -> dict[str, Any]:
    told = card.model_dump(mode="json")
    names = ("title", "purpose", "clause", "national_priority", "data_class", "retention", "publication")
    return {name: told[name] for name in (*names, "conflicts_of_interest", "contacts")}


def _scope(cards: tuple[Card, ...]) -> dict[str, Any]:
    """What may be measured by every card that holds: the one that was agreed on, and narrower ones."""
    narrowest = cards[-1].model_dump(mode="json")
    measured = ("target", "type", "address_family", "interval_s")
    return {
        "is_narrowed": len(cards) > 1,
        "measurements": [{name: one[name] for name in measured} for one in narrowest["measurements"]],
        "selections": [_selection(one) for one in cards[-1].selections],
        "max_probes": min(card.max_probes for card in cards),
        "starts_at": iso(max(card.from_at for card in cards)),
        "ends_at": iso(min(card.until_at for card in cards)),
        "is_public": all(card.is_public for card in cards),
    }


def _selection(one: Selected) -> dict[str, Any]:
    """Which single probes were chosen is their hosts' business."""
    value = None if one.by is SelectedBy.PROBES else one.value
    return {"by": one.by.value, "value": value, "requested": one.requested}


def _runs(running: Iterable[Dispatch]) -> list[dict[str, Any]]:
    """By label. Only what was measured and is public has a number and an address: a rehearsal's would mislead."""
    ordered = sorted(running, key=lambda one: (one.label, one.dispatch_id))
    found = ((label, list(those)) for label, those in groupby(ordered, key=lambda one: one.label))
    return [
        {
            "label": label.value,
            "n_running": len(those),
            "measurements": [_measurement(one) for one in those if _is_shown(one)],
        }
        for label, those in found
    ]


def _is_shown(dispatch: Dispatch) -> bool:
    return dispatch.label is Label.MEASURED and dispatch.intent.is_public and dispatch.atlas_id is not None


def _measurement(dispatch: Dispatch) -> dict[str, Any]:
    allowed = dispatch.intent.allowed
    return {
        "atlas_id": dispatch.atlas_id,
        "address": PLATFORM.format(dispatch.atlas_id),
        "target": allowed.target,
        "type": allowed.type,
        "address_family": allowed.address_family,
    }


def _ended(agreement: Agreement, version: Version, running: Collection[Dispatch]) -> tuple[int, dict[str, Any]]:
    """When and how it ended, whichever was first."""
    expired_at = version.card.until_at
    withdrawn_at = min((one.at for one in agreement.withdrawals), default=expired_at)
    ended_at = min(expired_at, withdrawn_at)
    state = State.WITHDRAWN if withdrawn_at < expired_at else State.EXPIRED
    return ended_at, {
        "agreement_id": agreement.agreement_id,
        "title": version.card.title,
        "digest": version.digest,
        "state": state.value,
        "ended_at": iso(ended_at),
        "runs": _runs(running),
    }


def _opted_out(entries: Iterable[CatalogueEntry], now: int) -> dict[str, Any]:
    """By name where the target is a public service; whoever is asked first need not be known to be here at all."""
    out = [
        (entry, entry.opted_out_at) for entry in entries if entry.opted_out_at is not None and entry.has_opted_out(now)
    ]
    named = [(entry, at) for entry, at in out if entry.publicness is not Publicness.BY_CONSENT]
    return {
        "opted_out": [{"target": entry.name, "opted_out_at": iso(at)} for entry, at in named],
        "n_opted_out_unnamed": len(out) - len(named),
    }
