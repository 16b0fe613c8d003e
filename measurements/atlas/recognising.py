"""Recognise a measurement: whether what was found on the platform is what a plan asked for, and in what it is not."""

from collections.abc import Iterator

from measurements.atlas.gateway import AtlasMeasurement, Plan
from measurements.definitions.base import Definition
from measurements.targets import normal_address

EARLIER_S = 60
"""A start that is near is sent as at once: it may have begun so much earlier than was planned."""


def differences(plan: Plan, found: AtlasMeasurement) -> tuple[str, ...]:
    """In what a measurement is another than the first of a plan, under our names; nothing where it is that one.

    It may have begun later than was planned, and have been stopped before its end. What the platform does not say of it
    is taken to be as it was asked for, but for its end: one without any would run for ever.
    """
    return tuple(_differences(plan, plan.definitions[0], found))


def _differences(plan: Plan, definition: Definition, found: AtlasMeasurement) -> Iterator[str]:
    asked = {
        "type": (definition.type, found.type),
        "target": (_plain(definition.target), _plain(found.target)),
        "address_family": (definition.address_family, found.address_family),
        "is_oneoff": (plan.is_oneoff, found.is_oneoff),
        "interval_s": (None if plan.is_oneoff else definition.interval_s, found.interval_s),
        "is_public": (definition.is_public, found.record.get("is_public", definition.is_public)),
    }
    yield from (name for name, (wanted, there) in asked.items() if wanted != there)
    if plan.start_at is not None and found.start_at is not None and found.start_at < plan.start_at - EARLIER_S:
        yield "start_at"
    if plan.stop_at is not None and not _ends_in_time(plan.stop_at, found):
        yield "stop_at"


def _ends_in_time(stop_at: int, found: AtlasMeasurement) -> bool:
    if found.stop_at is None:
        return found.status.is_final
    return found.stop_at == stop_at or (found.status.is_final and found.stop_at < stop_at)


def _plain(target: str | None) -> str | None:
    return None if target is None else normal_address(target.rstrip(".").lower())
