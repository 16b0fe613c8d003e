"""Begin to follow a measurement of the platform: from now on it is kept complete."""

from collections.abc import Collection
from typing import NamedTuple

from app.operations.refresh_measurement import read_from_atlas
from app.operations.refresh_probes import refresh_probes
from app.operations.require_agreed import Wanted, require_agreed
from app.store.engine import Transaction
from app.store.followed import find_followed, follow
from app.store.registry import Delivered, write_measurements
from measurements.atlas.gateway import AtlasGateway, AtlasMeasurement
from measurements.campaigns.collecting import begin
from measurements.campaigns.measurement import is_built_in
from measurements.clock import Clock
from measurements.errors import InvalidFilter
from measurements.results.outcome import Label


class Following(NamedTuple):
    """What became of the wish to follow a measurement."""

    measurement: AtlasMeasurement
    is_new: bool
    """False where it was followed already, which changes nothing."""
    since_at: int


def follow_measurement(
    transaction: Transaction,
    atlas: AtlasGateway,
    clock: Clock,
    *,
    atlas_id: int,
    label: Label,
    origin: str,
    since_at: int | None = None,
    probe_ids: Collection[int] | None = None,
) -> Following:
    """Follow a measurement from an instant on: unless one is given, a built-in from now, any other from its start.

    Raises `AtlasFailure`, and `NotYetAgreed` where it would bring data from Tajikistan.
    """
    found, measurement, record = read_from_atlas(atlas, atlas_id)
    now_at = int(clock.now().timestamp())
    if since_at is None:
        since_at = now_at if is_built_in(atlas_id) or measurement.start_at is None else measurement.start_at
    chosen = None if probe_ids is None else tuple(sorted(set(probe_ids)))
    if chosen == ():
        raise InvalidFilter("probe", "no probe is named; without any, all participants are followed")
    if chosen is not None:  # where they are now, the platform says; where they were, what is held
        refresh_probes(transaction, atlas, clock, label=label, origin=origin, probe_ids=chosen)
    with transaction() as connection:
        delivered = Delivered(f"{origin}/measurements/{atlas_id}", now_at)
        write_measurements(connection, [(label, measurement, record)], delivered)
        require_agreed(connection, atlas, Wanted(label, (atlas_id,), chosen), now_at)  # by what the platform says of it
        position = begin(since_at, measurement.stop_at, chosen, now_at)
        is_new = follow(connection, atlas_id, label, position, now_at)
        held = find_followed(connection, label, atlas_id)
    return Following(found, is_new, since_at if held is None else held.position.since_at)
