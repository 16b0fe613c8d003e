"""Creating measurements: a request is read whole, judged whole, and then all of its measurements exist, or none."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.rehearsal.api.definitions import MODELS, OUT_OF_THE_WORLD, AnyDefinition, needs_target, shown_fields
from app.rehearsal.api.envelope import Mistake, invalid
from app.rehearsal.api.keys import Key
from app.rehearsal.api.platform import Platform
from app.rehearsal.api.quotas import over_the_limits
from app.rehearsal.api.records import Created, enter
from app.rehearsal.api.sources import Source, not_covered
from app.rehearsal.api.values import Instant, Text, Yes, as_mistakes
from app.rehearsal.contract import Body

SHARED = ("is_oneoff", "start_time", "stop_time")
"""Members that may stand at the root or in every definition."""


class Envelope(BaseModel):
    """The root of a request to create."""

    model_config = ConfigDict(extra="ignore")

    definitions: Annotated[list[Any], Field(min_length=1, max_length=100)]
    probes: Annotated[list[Any], Field(min_length=1, max_length=1000)]
    is_oneoff: Yes | None = None
    start_time: Instant | None = None
    stop_time: Instant | None = None
    bill_to: Annotated[Text, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)] | None = None
    skip_dns_check: Yes = False


def create(platform: Platform, key: Key, body: Body, now: int, only_type: str | None = None) -> list[Created]:
    """Create what a body asks for, in its order. Refuses it whole when anything is wrong with it."""
    envelope = _read_envelope(body)
    definitions = _read_definitions(envelope.definitions, only_type)
    sources = _read_sources(envelope.probes)
    timing = _timing(envelope, definitions, now)
    found = (uncovered(platform, each, f"/probes/{index}", now) for index, each in enumerate(sources))
    mistakes = [mistake for mistake in found if mistake]
    targets = [_target_ip(platform, index, each, envelope, mistakes) for index, each in enumerate(definitions)]
    if mistakes:
        raise invalid(*mistakes)
    wanted = [source.on_the_wire() for source in sources]
    with platform.records.changing() as kept:
        number = kept.next_measurement_id
        created = [
            Created(
                id=number + index,
                owner=key.owner,
                bill_to=envelope.bill_to or key.owner,
                fields=_fields(definition, number + index, is_oneoff=timing["is_oneoff"]),
                target_ip=target_ip,
                created_at=now,
                **timing,
            )
            for index, (definition, target_ip) in enumerate(zip(definitions, targets, strict=True))
        ]
        over = over_the_limits(platform, key.owner, created, wanted, now)
        if over:
            raise invalid(*over)
        for each in created:
            enter(kept, each, wanted)
    return created


def _fields(definition: AnyDefinition, number: int, *, is_oneoff: bool) -> Body:
    fields = shown_fields(definition, is_oneoff=is_oneoff)
    return {**fields, "group_id": fields["group_id"] or number}


def _read_envelope(body: Body) -> Envelope:
    try:
        return Envelope.model_validate(body)
    except ValidationError as error:
        raise invalid(*as_mistakes(error, "")) from error


def _read_definitions(given: Sequence[Any], only_type: str | None) -> list[AnyDefinition]:
    read: list[AnyDefinition] = []
    mistakes: list[Mistake] = []
    for index, each in enumerate(given):
        pointer = f"/definitions/{index}"
        named = {"type": only_type, **each} if only_type and isinstance(each, dict) else each
        type_ = named.get("type") if isinstance(named, dict) else None
        if isinstance(named, dict) and type_ is None:
            mistakes.append(Mistake("This field is required.", f"{pointer}/type"))
        elif isinstance(type_, str) and type_.lower() in OUT_OF_THE_WORLD:
            mistakes.append(Mistake("This rehearsal measures ping, traceroute and dns only.", f"{pointer}/type"))
        elif isinstance(named, dict) and (not isinstance(type_, str) or type_.lower() not in MODELS):
            mistakes.append(Mistake(f'"{type_}" is not a valid choice.', f"{pointer}/type"))
        else:
            model = MODELS[str(type_).lower()] if type_ else MODELS["ping"]
            lower = {**named, "type": str(type_).lower()} if isinstance(named, dict) else named
            try:
                definition = model.model_validate(lower)
            except ValidationError as error:
                mistakes += as_mistakes(error, pointer)
                continue
            if needs_target(definition) and definition.target is None:
                mistakes.append(Mistake("This field is required.", f"{pointer}/target"))
            read.append(definition)
    if mistakes:
        raise invalid(*mistakes)
    return read


def _read_sources(given: Sequence[Any]) -> list[Source]:
    read: list[Source] = []
    mistakes: list[Mistake] = []
    for index, each in enumerate(given):
        try:
            read.append(Source.model_validate(each))
        except ValidationError as error:
            mistakes += as_mistakes(error, f"/probes/{index}")
    if mistakes:
        raise invalid(*mistakes)
    return read


def _timing(envelope: Envelope, definitions: Sequence[AnyDefinition], now: int) -> dict[str, Any]:
    """When it runs, from the root or from definitions that all say the same."""
    said: dict[str, Any] = {}
    mistakes: list[Mistake] = []
    for name in SHARED:
        values = {value for each in definitions if (value := getattr(each, name)) is not None}
        root = getattr(envelope, name)
        if len(values) > 1 or (root is not None and values - {root} and name != "is_oneoff"):
            mistakes.append(Mistake("This must be the same for all definitions.", f"/definitions/0/{name}"))
        said[name] = root or next(iter(values), root)
    start, stop = said["start_time"], said["stop_time"]
    if start is not None and start < now - 60:
        mistakes.append(Mistake("Start time must be in the future.", "/start_time"))
    if stop is not None and said["is_oneoff"]:
        mistakes.append(Mistake("One-off measurements cannot have a stop time.", "/stop_time"))
    elif stop is not None and stop <= (start or now):
        mistakes.append(Mistake("Stop time must be later than start time.", "/stop_time"))
    if mistakes:
        raise invalid(*mistakes)
    return {"is_oneoff": bool(said["is_oneoff"]), "start_at": max(start or now, now), "stop_at": stop}


def uncovered(platform: Platform, source: Source, pointer: str, now: int) -> Mistake | None:
    """A mistake when a source, which stands at a place in the body, points to what is not there."""
    if source.type == "msm" and platform.find(int(source.value)) is None:
        return Mistake("Your selected measurement does not exist.", f"{pointer}/value")
    return not_covered(source, platform.world.probes(now), pointer)


def _target_ip(
    platform: Platform, index: int, definition: AnyDefinition, envelope: Envelope, mistakes: list[Mistake]
) -> str | None:
    """The address a definition's target has; notes a mistake when it has none and need have one."""
    if definition.target is None:
        return None
    found = platform.world.resolve(definition.target, definition.af)
    is_excused = definition.resolve_on_probe or definition.skip_dns_check or envelope.skip_dns_check
    if found is None and (not is_excused or _is_address(definition.target)):
        mistakes.append(Mistake("This target cannot be resolved", f"/definitions/{index}/target"))
    return found


def _is_address(target: str) -> bool:
    try:
        ip_address(target)
    except ValueError:
        return False
    return True
