"""Ask the platform how a followed measurement stands: its term, its participants, whether it still runs."""

from app.store.engine import Transaction
from app.store.followed import Followed, save_stop
from app.store.registry import Delivered, write_measurements
from measurements.atlas.gateway import AtlasGateway, AtlasMeasurement
from measurements.campaigns.measurement import Measurement, is_built_in, read_measurement
from measurements.clock import Clock
from measurements.objects import Object


def read_from_atlas(atlas: AtlasGateway, atlas_id: int) -> tuple[AtlasMeasurement, Measurement, Object]:
    """A measurement as it stands, as the domain reads it, and the platform's object with its participants listed.

    The participants of a built-in are not listed: every connected probe takes part.
    """
    found = atlas.measurement(atlas_id)
    record: Object = found.record
    if not is_built_in(atlas_id):
        probe_ids = sorted(atlas.participants(atlas_id).probe_ids)
        record = {**record, "probes": [{"id": probe_id} for probe_id in probe_ids]}
    return found, read_measurement(record), record


def refresh_measurement(
    transaction: Transaction, atlas: AtlasGateway, clock: Clock, followed: Followed, origin: str
) -> AtlasMeasurement:
    """Keep the platform's word of a measurement, and note when it ends. Raises `AtlasFailure`."""
    found, measurement, record = read_from_atlas(atlas, followed.atlas_id)
    delivered = Delivered(
        f"{origin}/measurements/{followed.atlas_id}",
        int(clock.now().timestamp()),
        followed.data_class,
        followed.agreement_id,
    )
    stop_at = measurement.stop_at
    if found.status.is_final and stop_at is None:
        stop_at = followed.position.stop_at or delivered.retrieved_at  # it does not say when: when we first heard of it
    with transaction() as connection:
        write_measurements(connection, [(followed.label, measurement, record)], delivered)
        if stop_at != followed.position.stop_at:
            save_stop(connection, followed, stop_at)
    return found
