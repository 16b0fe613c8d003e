"""List measurements: what the platform says of them, and so what is expected."""

from typing import Any, NamedTuple

from sqlalchemy import Connection

from app.operations.sight import Sight, provenance_of
from app.store.find_measurements import MeasurementRow, find_measurement_rows
from measurements.results.outcome import Label
from measurements.targets import asked_target
from measurements.units import iso

INSTANTS = ("retrieved_at", "start_at", "stop_at")


class MeasurementPage(NamedTuple):
    """Some measurements in order of their number, and behind which the next page begins; None after the last."""

    rows: tuple[MeasurementRow, ...]
    next_after: int | None


def list_measurements(
    connection: Connection,
    *,
    label: Label = Label.MEASURED,
    target: str | None = None,
    after: int | None = None,
    limit: int = 100,
) -> MeasurementPage:
    """One page of measurements; `target` in any spelling. Raises InvalidFilter for a target without a name."""
    canonical = None if target is None else asked_target(target)
    rows = find_measurement_rows(connection, label=label, target=canonical, after=after, limit=limit + 1)
    page = tuple(rows[:limit])
    return MeasurementPage(page, page[-1].atlas_id if len(rows) > limit else None)


def measurement_on_the_wire(row: MeasurementRow, sight: Sight) -> dict[str, Any]:
    """The measurement in plain values under the names of the wire.

    That something is measured under an agreement is told to everybody; what came of it is not.
    """
    held = sight.as_held(row.label, row.atlas_id, row.data_class, row.agreement_id)
    instants = {name: getattr(row, name) for name in INSTANTS}
    return {
        **row._asdict(),
        **provenance_of(held),
        "target": row.target or None,
        "address_family": row.address_family or None,
        **{name: None if at is None else iso(at) for name, at in instants.items()},
    }
