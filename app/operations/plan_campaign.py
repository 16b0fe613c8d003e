"""What applying a campaign would change, put together from what is held and what RIPE Atlas says. Nothing is noted."""

from decimal import Decimal

from sqlalchemy import Connection

from app.operations.acting import Acting, require_role
from app.operations.decide_dispatches import case_of, facts_of
from app.operations.intend_dispatches import TAG, unnoted
from app.operations.keep_memorandum import find_standing
from app.store import campaign_rounds as rounds
from app.store.agreements import find_agreement, find_designations
from app.store.campaigns import find_campaign
from app.store.dispatches import find_dispatch, find_tags
from measurements.agreements.agreement import effective
from measurements.agreements.gate import decide
from measurements.agreements.people import Act
from measurements.agreements.reasons import Reason
from measurements.agreements.transitions import newest
from measurements.atlas.gateway import AtlasGateway, Status
from measurements.campaigns.campaign import Campaign
from measurements.campaigns.campaign_plan import CampaignPlan, Drift, Running, drifts, plan_steps, rounds_left
from measurements.campaigns.limits import USUAL, PlatformLimits
from measurements.campaigns.nights import intents
from measurements.campaigns.schedule import Tick
from measurements.errors import InvalidContent
from measurements.results.outcome import Label

RUNNING = (Status.SPECIFIED, Status.SCHEDULED, Status.ONGOING)


def plan_campaign(
    acting: Acting,
    label: Label,
    document: Campaign,
    found: dict[int, str] | None = None,
    limits: PlatformLimits = USUAL,
) -> CampaignPlan:
    """What would become of a document if it were applied now. `found` is what `find_running` gives, if it was asked."""
    require_role(acting.caller, Act.READ_AGREEMENTS)
    connection, now = acting.connection, acting.now_at
    held = find_campaign(connection, label, document.name)
    running = [] if held is None else _running(connection, held.campaign_id, now)
    committed = 0 if held is None else rounds.committed_credits(connection, held.campaign_id, but=0)
    tick = document.first_due(now)
    steps = plan_steps(document, running, _refusals(connection, label, document, tick, now, limits), tick)
    n_rounds, per_round = rounds_left(document, tick), sum(one.credits_per_round for one in steps)
    return CampaignPlan(
        steps=steps,
        next_round=tick,
        n_rounds=n_rounds,
        credits_per_round=per_round,
        credits_total=n_rounds * per_round,
        credits_committed=committed,
        budget_credits=document.budget_credits,
        drift=None if found is None else _drift(connection, running, found),
    )


def find_running(atlas: AtlasGateway) -> dict[int, str]:
    """What runs at RIPE Atlas under a tag of ours: number -> tag."""
    found = {}
    for one in atlas.measurements({"mine": True, "status__in": [int(status) for status in RUNNING]}):
        tag = next((tag for tag in one.tags if tag.startswith(TAG)), None)
        if tag is not None and one.status in RUNNING:
            found[one.atlas_id] = tag
    return found


def _running(connection: Connection, campaign_id: int, now: int) -> list[Running]:
    found = []
    for cell, dispatch_id in rounds.campaign_dispatches(connection, campaign_id, now):
        dispatch = find_dispatch(connection, dispatch_id)
        if dispatch is None or not dispatch.is_under_way:
            continue
        intent = dispatch.intent
        one = Running(cell, dispatch.atlas_id, intent.allowed, intent.selections, dispatch.agreement_id, dispatch.tag)
        found.append(one)
    return found


def _refusals(
    connection: Connection, label: Label, document: Campaign, tick: Tick | None, now: int, limits: PlatformLimits
) -> dict[str, Reason]:
    """Cell -> why the gate would refuse it as things stand, if it were asked when the next round begins."""
    agreement = find_agreement(connection, document.agreement_id)
    if agreement is None:
        raise InvalidContent([("/agreement_id", f"there is no agreement {document.agreement_id}")])
    if tick is None:
        return {}
    at = max(now, tick.round_at)
    version = effective(agreement, find_designations(connection), now) or newest(agreement)
    standing = find_standing(connection, now)
    facts = facts_of(connection, document.agreement_id, label, now)
    wanted = intents(
        document, tick, card=version.card, digest=version.digest, memorandum_until_at=standing.stop_at, now=now
    )
    refused, credits_, rates = dict[str, Reason](), 0, dict[str | None, Decimal]()
    for one in wanted:
        intent = one.intent
        unasked = unnoted(label, document.agreement_id, version, intent, now, document.name)
        case = case_of(connection, unasked, now, limits, facts)
        around = case.surroundings._replace(
            credits_committed=case.surroundings.credits_committed + credits_,
            packets_per_s_committed=case.surroundings.packets_per_s_committed
            + rates.get(intent.allowed.target, Decimal(0)),
        )
        decision = decide(*case._replace(surroundings=around, memorandum=standing, now=at))
        if not decision.is_permitted:
            refused[one.cell.key] = decision.reason
            continue
        credits_ += intent.credits
        rates[intent.allowed.target] = rates.get(intent.allowed.target, Decimal(0)) + intent.packets_per_s
    return refused


def _drift(connection: Connection, running: list[Running], found: dict[int, str]) -> tuple[Drift, ...]:
    return drifts(running, found, find_tags(connection, found.values()))
