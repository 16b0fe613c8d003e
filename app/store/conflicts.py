"""Decides what happens when one key is delivered with different bytes. Pure: rows in, rows out.

The same result in other words (an enriched copy, a dump without `stored_timestamp`): one result, read from the
body that the platform stored first. Two different results with one key: both are kept and flagged, and the one
that the platform stored first feeds the series, of those whose clock allows it. An unknown time of storage
comes last; digests decide between equals. Both rules look at all bodies alike, never at which of them came first.
"""

from collections.abc import Sequence
from typing import NamedTuple


class Body(NamedTuple):
    """A body that a result can be read from, and what of the result depends on which one it is."""

    raw_id: int
    body_digest: bytes
    retrieved_at: int
    data_class: str
    agreement_id: int | None
    digest: bytes
    """Of the result in it: equal for the same result in other words."""
    stored_at: int | None
    is_clock_trusted: bool
    is_datable: bool
    """Whether its clock allows it to feed a series."""


class Standing(NamedTuple):
    """How one result of a key stands among the others."""

    body: Body
    """The one it is read from."""
    is_conflict: bool
    is_in_series: bool


def settle(bodies: Sequence[Body]) -> list[Standing]:
    """How the results of one key stand, given all bodies known for it in any order; one standing per result."""
    if len(bodies) == 1:
        return [Standing(bodies[0], is_conflict=False, is_in_series=bodies[0].is_datable)]
    chosen: dict[bytes, Body] = {}
    for body in sorted(bodies, key=lambda body: (*_stored(body), body.body_digest)):
        chosen.setdefault(body.digest, body)
    datable = [body for body in chosen.values() if body.is_datable]
    feeder = min(datable, key=lambda body: (*_stored(body), body.digest), default=None)
    return [Standing(body, len(chosen) > 1, body is feeder) for body in chosen.values()]


def _stored(body: Body) -> tuple[bool, int]:
    """Sorts by the platform's clock, unknown last."""
    return (body.stored_at is None, body.stored_at or 0)
