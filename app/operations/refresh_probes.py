"""Ask the platform, in bulk, where the probes are that results come from. Done daily, and before a backfill."""

from collections.abc import Collection, Iterable

from app.store.engine import Transaction
from app.store.registry import Delivered, Written, write_probes
from measurements.atlas.gateway import AtlasGateway
from measurements.clock import Clock
from measurements.errors import UnreadableObject
from measurements.objects import Object
from measurements.probes import Probe, read_probe
from measurements.results.identity import label_for
from measurements.results.outcome import Label


def refresh_probes(
    transaction: Transaction,
    atlas: AtlasGateway,
    clock: Clock,
    *,
    label: Label,
    origin: str,
    probe_ids: Collection[int] = (),
    country_code: str | None = None,
) -> tuple[list[Probe], Written]:
    """Keep what the platform says now of these probes, or of those of a country, where it says something new.

    Gives the probes that the platform knows. Raises `AtlasFailure`.
    """
    now_at = int(clock.now().timestamp())
    objects: list[Object] = []
    if probe_ids:
        objects.extend(atlas.probes({"id__in": sorted(probe_ids)}))
    if country_code is not None:
        objects.extend(atlas.probes({"country_code": country_code}))
    items = list(_read(objects, now_at, label))
    with transaction() as connection:
        written = write_probes(connection, items, Delivered(f"{origin}/probes", now_at))
    return [probe for _, probe, _ in items], written


def _read(objects: Iterable[Object], now_at: int, label: Label) -> Iterable[tuple[Label, Probe, Object]]:
    for record in objects:
        try:
            probe = read_probe(record, now_at)
        except UnreadableObject:
            continue  # one odd object must not keep the others away; it is asked for again tomorrow
        yield label_for(probe.probe_id, label), probe, record
