"""Say each morning what became of the night: for every campaign what ran, what did not and why, and what changed."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.campaign_entries import measured
from app.operations.close_rounds import as_it_stands
from app.operations.keep_campaigns import require_campaign
from app.store import campaign_rounds as rounds
from app.store.campaigns import Held, list_campaigns
from app.store.dispatches import find_dispatch
from measurements.agreements.people import Act
from measurements.agreements.term import day_end
from measurements.campaigns.standing import RoundState
from measurements.campaigns.summary import CellNight, CellSummary, Night, Summary, add_up, summarise
from measurements.errors import InvalidFilter
from measurements.results.outcome import Label
from measurements.units import DUSHANBE, instant

ZONE = ZoneInfo(DUSHANBE)
FIRST_ON, LAST_ON = date(2026, 1, 1), date(2999, 12, 31)
MOST = 1_000
"""Campaigns of one summary."""
Kinds = dict[str, dict[str, Any]]
"""Cell -> what is measured in it."""


def night_entries(acting: Acting, label: Label, on: date | None = None, name: str | None = None) -> dict[str, Any]:
    """The night of a day in Dushanbe, today's unless given: of all campaigns that had a round then, or of one."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    on = on or instant(acting.now_at).astimezone(ZONE).date()
    if not FIRST_ON < on <= LAST_ON:
        raise InvalidFilter("on", f"is a day after {FIRST_ON}")
    connection = acting.connection
    asked = [require_campaign(acting, label, name)] if name else list_campaigns(connection, label, limit=MOST)
    entries = [_entry(connection, held, on) for held in asked]
    return {"on": on.isoformat(), "campaigns": [one for one in entries if name or one["n_rounds"] or one["missed"]]}


def _entry(connection: Connection, held: Held, on: date) -> dict[str, Any]:
    (night, kinds), (before, kinds_before) = (_night(connection, held, each) for each in (on, on - timedelta(days=1)))
    summary = summarise(night, before)
    return {
        "name": held.document.name,
        "title": held.document.title,
        "state": held.state,
        "version": held.version,
        "n_rounds": night.n_rounds,
        "n_open": night.n_open,
        "missed": list(night.missed),
        "n_cells": len(night.cells),
        **_figures(summary),
        "cells": [_cell(one, kinds_before | kinds) for one in summary.cells],
    }


def _figures(summary: Summary) -> dict[str, Any]:
    names = (
        "n_ran", "n_expected", "n_received", "completeness", "completeness_before", "credits", "credits_before",
    )  # fmt: skip
    return {name: getattr(summary, name) for name in names}


def _cell(one: CellSummary, kinds: Kinds) -> dict[str, Any]:
    night = one.night
    return {
        "cell": night.cell,
        **kinds[night.cell],
        "n_expected": night.n_expected,
        "n_received": night.n_received,
        "completeness": night.completeness,
        "credits": night.credits,
        "missing": night.missing,
        "explanation": night.explanation,
        "change": one.change,
    }


def _night(connection: Connection, held: Held, on: date) -> tuple[Night, Kinds]:
    """All rounds that were due on a day in Dushanbe; of those that are open still, as they stand."""
    from_at, until_at = day_end(on - timedelta(days=1), ZONE), day_end(on, ZONE)
    found = rounds.find_rounds_between(connection, held.campaign_id, from_at, until_at)
    planned = [one for one in found if one.state is not RoundState.MISSED]
    cells, kinds = list[CellNight](), Kinds()
    for each in planned:
        for cell in rounds.find_cells(connection, each.round_id):
            dispatch = find_dispatch(connection, cell.dispatch_id)
            kinds[cell.cell] = {} if dispatch is None else measured(dispatch.intent.allowed)
            one = as_it_stands(connection, each, cell, held.label)
            counts = one.n_expected or 0, one.n_received or 0, one.credits or 0
            cells.append(CellNight(one.cell, *counts, one.missing, one.explanation))
    missed = tuple(one.reason or "" for one in found if one.state is RoundState.MISSED)
    n_open = sum(one.state is RoundState.OPEN for one in planned)
    return Night(len(planned), n_open, missed, add_up(cells)), kinds
