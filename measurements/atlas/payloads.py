"""RIPE Atlas's own words, and what they are in ours. Nobody else in this package spells them.

Source: RIPE Atlas API v2, definitions, probe sources, the objects of measurements and credits.
"""

from collections.abc import Mapping
from dataclasses import fields
from enum import Enum
from typing import Any

from measurements.atlas.gateway import (
    AtlasMeasurement,
    Charge,
    Credits,
    Filters,
    Participants,
    Plan,
    Status,
    Subscription,
)
from measurements.definitions.base import Definition
from measurements.definitions.traceroute import IPV4, IPV6
from measurements.errors import UnreadableObject
from measurements.objects import (
    Object,
    instant_at,
    is_true,
    objects,
    required_number,
    status_name,
    text,
    whole_number,
)
from measurements.selections import ProbeSelection

Body = dict[str, Any]

_THEIR_NAMES = {
    "address_family": "af",
    "interval_s": "interval",
    "spread_s": "spread",
    "packet_interval_ms": "packet_interval",
    "response_timeout_ms": "response_timeout",
    "duplicate_timeout_ms": "duplicate_timeout",
    "timeout_ms": "timeout",
}
_ONLY_PERIODIC = ("interval", "spread")
_ONLY_OF_FAMILY = {"dont_fragment": IPV4, "hop_by_hop_option_size": IPV6, "destination_option_size": IPV6}


def definition_body(definition: Definition, plan: Plan) -> Body:
    """A definition as it is sent: every value explicitly, with the plan's tag first among the tags."""
    body: Body = {"type": definition.type}
    for field in fields(definition):
        value = getattr(definition, field.name)
        body[_THEIR_NAMES.get(field.name, field.name)] = value.value if isinstance(value, Enum) else value
    body["spread"] = definition.effective_spread_s
    body["tags"] = list(dict.fromkeys((plan.tag, *definition.tags)))
    unsent = {name for name, family in _ONLY_OF_FAMILY.items() if family != definition.address_family}
    unsent.update(_ONLY_PERIODIC if plan.is_oneoff else ())
    return {name: value for name, value in body.items() if value is not None and name not in unsent}


def creation_body(plan: Plan) -> Body:
    """What is posted to create what a plan says, as Cousteau puts it together; without its start it begins at once."""
    times = {"start_time": plan.start_at, "stop_time": plan.stop_at}
    return {
        "definitions": [definition_body(definition, plan) for definition in plan.definitions],
        "probes": [source_body(selection) for selection in plan.selections],
        "is_oneoff": plan.is_oneoff,
        **{name: at for name, at in times.items() if at is not None},
    }


def source_body(selection: ProbeSelection) -> Body:
    """A selection as it is sent; `asn` and `msm` as the numbers that they are."""
    is_number = selection.by.value in ("asn", "msm")
    body: Body = {
        "type": selection.by.value,
        "value": int(selection.value) if is_number else selection.value,
        "requested": selection.requested,
    }
    tags = {"include": list(selection.include_tags), "exclude": list(selection.exclude_tags)}
    if any(tags.values()):
        body["tags"] = tags
    return body


def subscription_body(subscription: Subscription) -> Body:
    """What a stream is told of a subscription."""
    body: Body = {"streamType": "result", "sendBacklog": subscription.has_backlog}
    if subscription.atlas_id is not None:
        body["msm"] = subscription.atlas_id
    if subscription.probe_id is not None:
        body["prb"] = subscription.probe_id
    return body


def query(filters: Filters) -> dict[str, str]:
    """Filters as query parameters, not quoted yet: lists with commas, truth in small letters."""
    return {name: _query_value(value) for name, value in filters.items()}


def _query_value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, set | frozenset):
        return ",".join(sorted(map(str, value)))
    return ",".join(map(str, value)) if isinstance(value, list | tuple | range) else str(value)


def read_measurement(record: Object) -> AtlasMeasurement:
    """A measurement object, whole or in part. Raises `UnreadableObject` naming the member that makes no sense."""
    status_id = _status_id(record)
    return AtlasMeasurement(
        atlas_id=required_number(record, "id"),
        status=Status(status_id) if status_id in set(Status) else Status.UNKNOWN,
        status_id=status_id,
        status_name=status_name(record) or f"status {status_id}",
        type=(_type_name(record) or "").lower(),
        target=text(record, "target"),
        address_family=whole_number(record, "af"),
        description=text(record, "description"),
        is_oneoff=is_true(record, "is_oneoff"),
        start_at=instant_at(record, "start_time"),
        stop_at=instant_at(record, "stop_time"),
        interval_s=whole_number(record, "interval"),
        tags=tuple(_slug(tag) for tag in objects(record, "tags")),
        participant_count=whole_number(record, "participant_count"),
        credits_per_result=whole_number(record, "credits_per_result"),
        record=record,
    )


def _status_id(record: Object) -> int:
    status = record.get("status")
    number = status.get("id") if isinstance(status, Mapping) else status
    return number if isinstance(number, int) and not isinstance(number, bool) else Status.UNKNOWN


def _type_name(record: Object) -> str | None:
    kind = record.get("type")
    return text(kind, "name") if isinstance(kind, Mapping) else text(record, "type")


def _slug(tag: object) -> str:
    return str(tag.get("slug", "")) if isinstance(tag, Mapping) else str(tag)


def read_participants(record: Object) -> Participants:
    """Who takes part, of a measurement object with `probes`, as objects or as bare numbers."""
    listed = objects(record, "probes")
    requested = record.get("probes_requested")
    return Participants(
        probe_ids=frozenset(
            required_number(probe if isinstance(probe, Mapping) else {"id": probe}, "id") for probe in listed
        ),
        requested=requested if isinstance(requested, int) and requested >= 0 else None,
    )


def read_credits(record: Object) -> Credits:
    """An account's credits. Raises `UnreadableObject` where even the balance is missing."""
    balance = record.get("current_balance")
    if not isinstance(balance, int):  # it may be below zero, which no other number here may
        raise UnreadableObject("current_balance", f"{balance!r:.80} is no number")
    return Credits(
        balance=balance,
        estimated_daily_income=whole_number(record, "estimated_daily_income"),
        estimated_daily_expenditure=whole_number(record, "estimated_daily_expenditure"),
        spent_past_day=whole_number(record, "past_day_credits_spent"),
        results_past_day=whole_number(record, "past_day_measurement_results"),
        most_per_day=whole_number(record, "max_daily_credits"),
    )


def read_charge(record: Object) -> Charge | None:
    """What a transaction charges for a measurement; None where it is another one. Raises `UnreadableObject`."""
    atlas_id, amount = whole_number(record, "measurement_id"), record.get("amount")
    if atlas_id is None:
        return None
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise UnreadableObject("amount", f"{amount!r:.80} is no number")
    return Charge(atlas_id, whole_number(record, "results"), -amount)
