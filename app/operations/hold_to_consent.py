"""Hold results to consent: what was measured under an agreement when it did not cover it is kept, and not used."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from app.store.agreements import find_agreements, find_designations
from app.store.dispatches import find_agreement_of
from app.store.records import Record
from measurements.agreements.consent_periods import Period, consent_periods, is_inside
from measurements.results.quarantine import QuarantineReason
from measurements.results.reading import RecordStatus


def hold_to_consent(connection: Connection, records: Sequence[Record]) -> list[Record]:
    """The records, those that were measured outside of consent as quarantined. Others' measurements are left alone."""
    covered = _covered(connection, {(one.label, one.atlas_id) for one in records})
    if not covered:
        return list(records)
    held = ((one, covered.get((one.label, one.atlas_id))) for one in records)
    return [one if periods is None else _held(one, periods) for one, periods in held]


def _covered(
    connection: Connection, measured: Iterable[tuple[str, int | None]]
) -> dict[tuple[str, int | None], tuple[Period, ...]]:
    """The measurements among these that were dispatched, and when they were covered."""
    agreement_of = find_agreement_of(connection, measured)
    if not agreement_of:
        return {}
    designations = find_designations(connection)
    wanted = {agreement_id for agreement_id, _ in agreement_of.values()}
    agreements = {one.agreement_id: one for one in find_agreements(connection, wanted)}
    return {
        key: consent_periods(agreements[agreement_id], version, designations)
        for key, (agreement_id, number) in agreement_of.items()
        for version in agreements[agreement_id].versions
        if version.number == number
    }


def _held(record: Record, periods: tuple[Period, ...]) -> Record:
    result = record.result
    if result is None or record.measured_at is None:
        return record
    if is_inside(periods, record.measured_at, record.stored_at, is_clock_trusted=result.is_clock_trusted):
        return record
    return record._replace(
        status=RecordStatus.QUARANTINED,
        reason=QuarantineReason.OUTSIDE_CONSENT,
        detail="no agreement covered its measurement at that time",
        result=None,
    )
