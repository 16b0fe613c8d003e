"""`/campaigns`: what is measured again and again, how it stands, and what applying a document would change.

The service has no door to RIPE Atlas. It keeps what is asked for; `rasad worker` runs the nights.
"""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query

from app.api.agreement_acts import NOTHING
from app.api.agreements import TheReader
from app.api.callers import for_act
from app.api.negotiation import accepts_json
from app.api.paging import NAME, read_cursor, write_cursor
from app.api.schemas import campaigns as schemas
from app.api.schemas.agreements import Nothing
from app.api.schemas.base import NoFilters
from app.api.schemas.people import PageFilters
from app.api.service import TheService
from app.api.wire import JsonAnswer
from app.api.writing import IfMatchGiven, TheOnce, TheUnit
from app.operations import keep_campaigns
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.campaign_entries import campaign_entry, campaign_page, campaign_status, plan_entry
from app.operations.plan_campaign import plan_campaign
from app.operations.summarise_nights import night_entries
from app.store.campaigns import Held
from measurements.agreements.people import Act
from measurements.campaigns.campaign import Campaign
from measurements.errors import InvalidContent
from measurements.units import iso

router = APIRouter(prefix="/campaigns", tags=["campaigns"], dependencies=[Depends(accepts_json)])
Name = Annotated[schemas.CampaignName, Path()]
Document = Annotated[Campaign, Body(description="A campaign, as `rasad campaign apply` takes it.")]
None_ = Annotated[NoFilters, Query()]
PUT = for_act(Act.REQUEST_MEASUREMENT, 412, 422, 428)


@router.get("", response_model=schemas.CampaignPage, **for_act(Act.READ_AGREEMENTS))
def get_campaigns(filters: Annotated[PageFilters, Query()], acting: TheReader, service: TheService) -> JsonAnswer:
    """List the campaigns, and when the next round of each is due."""
    page = campaign_page(acting, service.label, after=read_cursor(filters.cursor, NAME), limit=filters.limit)
    return JsonAnswer({"campaigns": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.post("/plan", response_model=schemas.Plan, **for_act(Act.READ_AGREEMENTS, 422))
def post_campaign_plan(_: None_, document: Document, acting: TheReader, service: TheService) -> JsonAnswer:
    """Show what applying a document would change, and what it costs. Changes nothing, and keeps nothing.

    That is why it takes no `Idempotency-Key`. What RIPE Atlas says differently is not asked here: `drift` is null.
    """
    return JsonAnswer(plan_entry(plan_campaign(acting, service.label, document, limits=service.settings.limits)))


@router.get("/{name}", response_model=schemas.CampaignStatus, **for_act(Act.READ_AGREEMENTS, 404))
def get_campaign(name: Name, _: None_, acting: TheReader, service: TheService) -> JsonAnswer:
    """Show how a campaign stands: its document, its versions, and its last rounds with what is missing and why."""
    entry = campaign_status(acting, service.label, name)
    return JsonAnswer(entry, headers={"ETag": entry["etag"]})


@router.get("/{name}/summary", response_model=schemas.NightSummary, **for_act(Act.READ_AGREEMENTS, 404))
def get_campaign_summary(
    name: Name, filters: Annotated[schemas.NightFilters, Query()], acting: TheReader, service: TheService
) -> JsonAnswer:
    """Say what became of a night: what ran, what did not and why, completeness, credits, and what changed."""
    told = night_entries(acting, service.label, filters.on, name)
    return JsonAnswer({"on": told["on"], **told["campaigns"][0]})


@router.put(
    "/{name}",
    response_model=schemas.Campaign,
    **{**PUT, "responses": {**PUT["responses"], 201: {"model": schemas.Campaign, "description": "It is new."}}},
)
def put_campaign(
    name: Name, _: None_, document: Document, etags: IfMatchGiven, unit: TheUnit, service: TheService
) -> JsonAnswer:
    """Have measured what a document says from now on. What runs and is not asked for any more is stopped.

    To say it twice is to say it once, so that it takes no `Idempotency-Key`. A new campaign takes no `If-Match`.
    """

    def put(acting: Acting) -> Answer:
        if document.name != name:
            raise InvalidContent([("/name", f"is not {name}, which the address names")])
        applied = keep_campaigns.apply_campaign(acting, service.label, document, etags)
        return _told(acting, applied.held, HTTPStatus.CREATED if applied.is_new else HTTPStatus.OK)

    return unit.act(put)


@router.post("/{name}/pause", response_model=schemas.Campaign, **for_act(Act.REQUEST_MEASUREMENT, 404, 422))
def post_pause(
    name: Name, _: None_, once: TheOnce, service: TheService, body: Annotated[Nothing, Body()] = NOTHING
) -> JsonAnswer:
    """Have nothing measured until it is resumed; the worker stops what runs, and reads it back.

    It takes no `If-Match`: it must work at once.
    """
    return once.act(body, lambda acting: _told(acting, keep_campaigns.pause_campaign(acting, service.label, name)))


@router.post("/{name}/resumption", response_model=schemas.Campaign, **for_act(Act.REQUEST_MEASUREMENT, 404, 409, 422))
def post_campaign_resumption(
    name: Name, _: None_, once: TheOnce, service: TheService, body: Annotated[Nothing, Body()] = NOTHING
) -> JsonAnswer:
    """Go on with a campaign that is paused."""
    return once.act(body, lambda acting: _told(acting, keep_campaigns.resume_campaign(acting, service.label, name)))


@router.post("/{name}/stop", response_model=schemas.Campaign, **for_act(Act.REQUEST_MEASUREMENT, 404, 422))
def post_stop(
    name: Name, _: None_, once: TheOnce, service: TheService, body: Annotated[Nothing, Body()] = NOTHING
) -> JsonAnswer:
    """Have nothing measured any more, until it is applied again; the worker stops what runs, and reads it back."""
    return once.act(body, lambda acting: _told(acting, keep_campaigns.stop_campaign(acting, service.label, name)))


@router.post(
    "/{name}/rounds",
    status_code=202,
    response_model=schemas.AskedRound,
    **for_act(Act.REQUEST_MEASUREMENT, 404, 409, 422),
)
def post_round(
    name: Name, _: None_, once: TheOnce, service: TheService, body: Annotated[Nothing, Body()] = NOTHING
) -> JsonAnswer:
    """Have one more round measured now, beside the schedule. The campaign says what became of it: `Location`."""

    def run(acting: Acting) -> Answer:
        asked = keep_campaigns.run_campaign(acting, service.label, name, service.settings.limits)
        told = {
            "name": name,
            "round_at": iso(asked.tick.round_at),
            "until_at": iso(asked.tick.until_at),
            "n_permitted": asked.n_permitted,
            "n_refused": asked.n_refused,
        }
        return Answer(told, status=HTTPStatus.ACCEPTED)

    return once.act(body, run, location=lambda _: once.path.rpartition("/")[0])


def _told(acting: Acting, held: Held, status: HTTPStatus = HTTPStatus.OK) -> Answer:
    entry = campaign_entry(acting.connection, held)
    return Answer(entry, entry["etag"], status)
