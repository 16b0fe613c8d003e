"""`/probes`: which are known, which would be chosen and why, and which are not to be."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query

from app.api.callers import TheCaller, for_act
from app.api.negotiation import accepts_json
from app.api.paging import NUMBER, read_cursor, write_cursor
from app.api.schemas import probes as schemas
from app.api.service import ReadConnection, Service, TheService
from app.api.wire import JsonAnswer
from app.api.writing import TheUnit
from app.operations.acting import Acting
from app.operations.answer_once import Answer
from app.operations.choose_probes import choice_entry, propose_probes
from app.operations.keep_probes import exclude_probe, exclusion_entry, include_probe, list_excluded, probe_page
from measurements.agreements.people import Act
from measurements.campaigns.choice import Wanted
from measurements.results.outcome import Label

router = APIRouter(prefix="/probes", tags=["probes"], dependencies=[Depends(accepts_json)])
Number = Annotated[schemas.ProbeNumber, Path(examples=[1001234])]
OfLabel = Annotated[schemas.LabelFilter, Query()]


@router.get("", response_model=schemas.ProbePage, **for_act(Act.READ_PROBES))
def get_probes(
    filters: Annotated[schemas.ProbeFilters, Query()],
    caller: TheCaller,
    connection: ReadConnection,
    service: TheService,
) -> JsonAnswer:
    """List the probes that are known, and what the platform last said of each."""
    page = probe_page(
        Acting(connection, caller, service.now_at()),
        _label(service, filters.label),
        country_code=filters.country_code,
        after=read_cursor(filters.cursor, NUMBER),
        limit=filters.limit,
    )
    return JsonAnswer({"probes": page.entries, "next_cursor": write_cursor(page.next_after)})


@router.get("/choice", response_model=schemas.Choice, **for_act(Act.READ_PROBES))
def get_choice(
    filters: Annotated[schemas.ChoiceFilters, Query()],
    caller: TheCaller,
    connection: ReadConnection,
    service: TheService,
) -> JsonAnswer:
    """Say which probes would be chosen now, and why each is chosen or left out. Nothing is measured or noted."""
    label, acting = _label(service, filters.label), Acting(connection, caller, service.now_at())
    wanted = _wanted(filters)
    return JsonAnswer(choice_entry(propose_probes(acting, wanted, label=label, purpose=filters.purpose), wanted, label))


@router.get("/exclusions", response_model=schemas.Exclusions, **for_act(Act.READ_PROBES))
def get_exclusions(filters: OfLabel, caller: TheCaller, connection: ReadConnection, service: TheService) -> JsonAnswer:
    """List the probes that are not to be chosen, and why."""
    acting = Acting(connection, caller, service.now_at())
    return JsonAnswer({"exclusions": list_excluded(acting, _label(service, filters.label))})


@router.put("/{probe_id}/exclusion", response_model=schemas.Exclusion, **for_act(Act.KEEP_RECORDS))
def put_exclusion(
    probe_id: Number, filters: OfLabel, body: schemas.NewExclusion, service: TheService, unit: TheUnit
) -> JsonAnswer:
    """Say that a probe is not to be chosen.

    To say it twice is to say it once, so that it takes no `Idempotency-Key`.
    """
    label = _label(service, filters.label)

    def put(acting: Acting) -> Answer:
        return _told(exclusion_entry(exclude_probe(acting, label, probe_id, body.reason), label))

    return unit.act(put)


@router.delete("/{probe_id}/exclusion", response_model=schemas.Exclusion, **for_act(Act.KEEP_RECORDS, 404))
def delete_exclusion(probe_id: Number, filters: OfLabel, service: TheService, unit: TheUnit) -> JsonAnswer:
    """Say that a probe may be chosen again. What was said before stays on record."""
    label = _label(service, filters.label)

    def delete(acting: Acting) -> Answer:
        return _told(exclusion_entry(include_probe(acting, label, probe_id), label))

    return unit.act(delete)


def _label(service: Service, given: Label | None) -> Label:
    return service.label if given is None else given


def _told(entry: dict[str, Any]) -> Answer:
    return Answer(entry, None, 200)


def _wanted(filters: schemas.ChoiceFilters) -> Wanted:
    return Wanted(
        address_family=filters.address_family,
        n_probes=filters.n_probes,
        country_codes=tuple(filters.country_code),
        asns=tuple(filters.asn),
        is_anchor=filters.is_anchor,
        per_network=filters.per_network,
        packets_per_day=filters.packets_per_day,
        most_packets_per_day=filters.most_packets_per_day,
    )
