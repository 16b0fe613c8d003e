"""`/catalogue`: whom a measurement may reach, and what its owner allows. What is held about whom is at `/targets`."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.schemas import catalogue as schemas
from app.api.schemas.base import NoFilters
from app.api.schemas.memorandum import Nothing
from app.api.service import ReadConnection, TheService
from app.api.wire import JsonAnswer
from app.api.writing import IfMatchGiven, TheOnce, TheUnit
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.catalogue_entries import catalogue_entry, etag_of, waiting_entry
from app.operations.keep_catalogue import consent_again, list_catalogue, opt_out, put_target, require_target
from app.operations.loosen_targets import confirm_loosening, find_waiting
from app.store.catalogue import find_entry
from measurements.agreements.catalogue import CatalogueEntry, Consent
from measurements.agreements.people import Act
from measurements.units import seconds

router = APIRouter(prefix="/catalogue", tags=["catalogue"], dependencies=[Depends(accepts_json)])
NOTHING = Nothing()
PUT = for_act(Act.KEEP_RECORDS, 412, 428)
Name = Annotated[schemas.TargetName, Path()]


@router.get("", response_model=schemas.Catalogue, **for_act(Act.READ_AGREEMENTS))
def get_catalogue(
    _: Annotated[NoFilters, Query()], caller: TheCaller, connection: ReadConnection, service: TheService
) -> JsonAnswer:
    """List the targets that may be named on a card, each with its owner and what that allows."""
    acting = Acting(connection, caller, service.now_at())
    return JsonAnswer({"catalogue": _all_told(acting, list_catalogue(acting))})


@router.get("/{name}", response_model=schemas.CatalogueEntry, **for_act(Act.READ_AGREEMENTS, 404))
def get_catalogue_entry(
    name: Name, _: Annotated[NoFilters, Query()], caller: TheCaller, connection: ReadConnection, service: TheService
) -> JsonAnswer:
    """Show one target."""
    acting = Acting(connection, caller, service.now_at())
    entry = require_target(acting, name)
    return JsonAnswer(_told(acting, entry), headers={"ETag": etag_of(entry)})


@router.put(
    "/{name}",
    response_model=schemas.CatalogueEntry,
    **{**PUT, "responses": {**PUT["responses"], 201: {"model": schemas.CatalogueEntry, "description": "It is new."}}},
)
def put_catalogue_entry(
    name: Name, _: Annotated[NoFilters, Query()], body: schemas.TargetContent, etags: IfMatchGiven, unit: TheUnit
) -> JsonAnswer:
    """Add a target, or say otherwise of one that is there, as it was read.

    To say it twice is to say it once, so that it takes no `Idempotency-Key`. A new target takes no `If-Match`.
    """

    def put(acting: Acting) -> Answer:
        is_new = find_entry(acting.connection, name) is None
        entry = put_target(acting, _entry(name, body, acting.now_at), etags)
        return Answer(_told(acting, entry), etag_of(entry), 201 if is_new else 200)

    return unit.act(put)


@router.post("/{name}/opt-out", response_model=schemas.CatalogueEntry, **for_act(Act.KEEP_RECORDS, 404, 422))
def post_opt_out(
    name: Name, _: Annotated[NoFilters, Query()], once: TheOnce, body: Annotated[Nothing, Body()] = NOTHING
) -> JsonAnswer:
    """Note that a target's owner does not want it to be measured: nothing is, from now on, and what runs is stopped.

    It takes no `If-Match`: it must work at once, whatever is said of the target meanwhile.
    """

    def take_out(acting: Acting) -> Answer:
        entry = opt_out(acting, name)
        return Answer(_told(acting, entry), etag_of(entry), 200)

    return once.act(body, take_out)


@router.post("/{name}/opt-in", response_model=schemas.CatalogueEntry, **for_act(Act.KEEP_RECORDS, 404, 409, 422))
def post_opt_in(name: Name, _: Annotated[NoFilters, Query()], body: schemas.NewConsent, once: TheOnce) -> JsonAnswer:
    """Note that an owner that opted out consents again, in writing. It waits to be confirmed by another party.

    The opt-out stays on record: it holds again when the consent is over.
    """

    def take_in(acting: Acting) -> Answer:
        entry = consent_again(acting, name, _consent(body, acting.now_at))
        return Answer(_told(acting, entry), etag_of(entry), 200)

    return once.act(body, take_in)


@router.post(
    "/{name}/confirmations", response_model=schemas.CatalogueEntry, **for_act(Act.CONFIRM_TARGET, 404, 409, 422)
)
def post_catalogue_confirmation(
    name: Name, _: Annotated[NoFilters, Query()], body: schemas.ConfirmedChange, once: TheOnce
) -> JsonAnswer:
    """Confirm for your party what another one, or whoever runs the service, proposed to say of a target.

    It takes no `If-Match`: what was proposed before anything else was said of the target waits no longer.
    """

    def confirm(acting: Acting) -> Answer:
        entry = confirm_loosening(acting, name, body.number)
        return Answer(_told(acting, entry), etag_of(entry), 200)

    return once.act(body, confirm)


def _told(acting: Acting, entry: CatalogueEntry) -> dict[str, Any]:
    [told] = _all_told(acting, [entry])
    return told


def _all_told(acting: Acting, entries: list[CatalogueEntry]) -> list[dict[str, Any]]:
    waiting = find_waiting(acting, entries)
    return [
        {
            **catalogue_entry(entry, acting.now_at),
            "waiting": waiting_entry(waiting.get(entry.name)),
            "etag": etag_of(entry),
        }
        for entry in entries
    ]


def _entry(name: str, said: schemas.TargetContent, now_at: int) -> CatalogueEntry:
    return CatalogueEntry(
        name=name, publicness=said.publicness, owner=said.owner, owner_party=said.owner_party, contact=said.contact,
        consent=None if said.consent is None else _consent(said.consent, now_at),
        allowed_types=frozenset(said.allowed_types), max_packets_per_s=said.max_packets_per_s,
        is_tajik=said.is_tajik, pinned_addresses=frozenset(said.pinned_addresses), drifted_at=None,
        review_at=seconds(said.review_at), opted_out_at=None,
    )  # fmt: skip


def _consent(said: schemas.NewConsent, now_at: int) -> Consent:
    return Consent(
        said.reference,
        now_at if said.from_at is None else seconds(said.from_at),
        None if said.until_at is None else seconds(said.until_at),
    )
