"""Campaigns as they are told: how each stands, its rounds, what is missing of them, and what a plan would change."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.close_rounds import as_it_stands
from app.operations.keep_campaigns import etag_of, require_campaign
from app.store import campaign_rounds as rounds
from app.store import campaigns as store
from app.store.campaign_rounds import Round, RoundCell
from app.store.campaigns import Held
from app.store.dispatches import find_dispatch
from measurements.agreements.card import Allowed
from measurements.agreements.people import Act
from measurements.campaigns.campaign_plan import CampaignPlan
from measurements.results.outcome import Label
from measurements.units import iso

LAST_ROUNDS = 7


class Page(NamedTuple):
    """Some entries, and behind which name the next page begins."""

    entries: list[dict[str, Any]]
    next_after: str | None


def campaign_page(acting: Acting, label: Label, *, after: str | None = None, limit: int = 100) -> Page:
    """Some campaigns in order of their names, and how each stands."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    found = store.list_campaigns(acting.connection, label, after=after, limit=limit + 1)
    shown = found[:limit]
    entries = [campaign_entry(acting.connection, one) for one in shown]
    return Page(entries, shown[-1].document.name if len(found) > limit else None)


def campaign_status(acting: Acting, label: Label, name: str) -> dict[str, Any]:
    """A campaign: what it asks for, its versions, and its last rounds with what is missing of them."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    held = require_campaign(acting, label, name)
    connection = acting.connection
    return {
        **campaign_entry(connection, held),
        "document": held.document.model_dump(mode="json"),
        "versions": [one._asdict() | {"applied_at": iso(one.applied_at)} for one in _versions(connection, held)],
        "rounds": [
            _round(connection, held, one) for one in rounds.find_rounds(connection, held.campaign_id, LAST_ROUNDS)
        ],
    }


def campaign_entry(connection: Connection, held: Held) -> dict[str, Any]:
    """A campaign in plain values under the names of the wire."""
    document = held.document
    return {
        "name": document.name,
        "title": document.title,
        "label": held.label,
        "state": held.state,
        "version": held.version,
        "digest": held.digest,
        "agreement_id": document.agreement_id,
        "activity_id": document.activity_id,
        "starts_at": iso(document.from_at),
        "ends_at": iso(document.until_at),
        "next_round_at": None if held.next_at is None else iso(held.next_at),
        "n_cells": len(document.cells),
        "budget_credits": document.budget_credits,
        "credits_committed": rounds.committed_credits(connection, held.campaign_id, but=0),
        "etag": etag_of(held),
    }


def plan_entry(plan: CampaignPlan) -> dict[str, Any]:
    """A plan in plain values under the names of the wire."""
    return {
        "steps": [
            {
                "action": one.action,
                "cell": one.cell,
                **measured(one.allowed),
                "atlas_id": one.atlas_id,
                "credits_per_round": one.credits_per_round,
                "reason": one.reason,
                "explanation": one.reason and one.reason.explanation,
            }
            for one in plan.steps
        ],
        "next_round_at": plan.next_round and iso(plan.next_round.round_at),
        "n_rounds": plan.n_rounds,
        "credits_per_round": plan.credits_per_round,
        "credits_total": plan.credits_total,
        "credits_committed": plan.credits_committed,
        "budget_credits": plan.budget_credits,
        "is_within_budget": plan.is_within_budget,
        "drift": None if plan.drift is None else [one._asdict() for one in plan.drift],
    }


def measured(allowed: Allowed) -> dict[str, Any]:
    """What is measured, in plain values."""
    return {
        "target": allowed.target,
        "type": allowed.type,
        "address_family": allowed.address_family,
        "parameters": allowed.parameters,
        "interval_s": allowed.interval_s,
    }


def _versions(connection: Connection, held: Held) -> list[store.Version]:
    return store.list_versions(connection, held.campaign_id)


def _round(connection: Connection, held: Held, one: Round) -> dict[str, Any]:
    cells = [_cell(connection, held, one, cell) for cell in rounds.find_cells(connection, one.round_id)]
    n_expected = sum(cell["n_expected"] for cell in cells)
    n_received = sum(min(cell["n_received"], cell["n_expected"]) for cell in cells)
    return {
        "round_id": one.round_id,
        "version": one.version,
        "round_at": iso(one.round_at),
        "until_at": iso(one.until_at),
        "deadline_at": iso(one.deadline_at),
        "is_extra": one.is_extra,
        "state": one.state,
        "reason": one.reason,
        "n_expected": n_expected,
        "n_received": n_received,
        "completeness": n_received / n_expected if n_expected else None,
        "cells": cells,
    }


def _cell(connection: Connection, held: Held, of: Round, cell: RoundCell) -> dict[str, Any]:
    """What was received; of a round that is open still, until now."""
    dispatch = find_dispatch(connection, cell.dispatch_id)
    cell = as_it_stands(connection, of, cell, held.label)
    return {
        "cell": cell.cell,
        **({} if dispatch is None else measured(dispatch.intent.allowed)),
        "dispatch_id": cell.dispatch_id,
        "atlas_id": dispatch and dispatch.atlas_id,
        "is_capped": cell.is_capped,
        "n_expected": cell.n_expected,
        "n_received": cell.n_received,
        "credits": cell.credits,
        "missing": cell.missing,
        "explanation": cell.explanation,
    }
