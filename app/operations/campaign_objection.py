"""What a campaign has against a dispatch of its own: it is paused or stopped, asks otherwise now, or is over budget."""

from sqlalchemy import Connection

from app.store.campaign_rounds import committed_credits, find_membership
from app.store.campaigns import require_held
from app.store.dispatches import Dispatch
from measurements.agreements.intent import Intent
from measurements.agreements.reasons import Reason
from measurements.campaigns.campaign import Campaign
from measurements.campaigns.standing import State

_OF_STATE = {State.PAUSED: Reason.CAMPAIGN_PAUSED, State.STOPPED: Reason.CAMPAIGN_STOPPED}


def objection_of_campaign(connection: Connection, dispatch: Dispatch) -> Reason | None:
    """The reason; None where its campaign has nothing against it, and for a dispatch that belongs to none."""
    belongs = find_membership(connection, dispatch.dispatch_id)
    if belongs is None:
        return None
    held = require_held(connection, belongs.campaign_id)
    if held.state in _OF_STATE:
        return _OF_STATE[held.state]
    if belongs.version != held.version and not is_asked_alike(held.document, belongs.cell, dispatch):
        return Reason.CAMPAIGN_CHANGED
    committed = committed_credits(connection, held.campaign_id, but=dispatch.dispatch_id)
    return Reason.CAMPAIGN_OVER_BUDGET if committed + dispatch.intent.credits > held.document.budget_credits else None


def is_asked_alike(document: Campaign, key: str, dispatch: Dispatch) -> bool:
    """Whether a campaign asks for the very thing that is dispatched: then it may go on."""
    cell = next((one for one in document.cells if one.key == key), None)
    return (
        cell is not None
        and dispatch.agreement_id == document.agreement_id
        and _is_same(document, cell.allowed, dispatch.intent)
    )


def _is_same(document: Campaign, allowed: object, intent: Intent) -> bool:
    return allowed == intent.allowed and document.selections == intent.selections
