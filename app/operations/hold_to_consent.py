"""Hold results to consent: what was measured under an agreement when it did not cover it is kept, and not used."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from app.store.agreements import find_agreements, find_designations
from app.store.dispatches import find_agreement_of
from app.store.records import Record
from measurements.agreements.consent_periods import Period, consent_periods, is_inside
from measurements.results.outcome import DataClass, RecordStatus
from measurements.results.quarantine import QuarantineReason

Measured = tuple[str, int | None]
"""A measurement: its label, and the platform's number."""


class Covered(NamedTuple):
    """As what the results of a measurement are held that was dispatched, and when it was covered."""

    agreement_id: int
    data_class: DataClass
    periods: tuple[Period, ...]


def find_covered(connection: Connection, records: Iterable[Record]) -> dict[Measured, Covered]:
    """The measurements among those of these records that were dispatched under an agreement."""
    agreement_of = find_agreement_of(connection, {measured(one) for one in records})
    if not agreement_of:
        return {}
    designations = find_designations(connection)
    wanted = {agreement_id for agreement_id, _ in agreement_of.values()}
    agreements = {one.agreement_id: one for one in find_agreements(connection, wanted)}
    return {
        key: Covered(
            agreement_id,
            DataClass(version.card.data_class),
            consent_periods(agreements[agreement_id], version, designations),
        )
        for key, (agreement_id, number) in agreement_of.items()
        for version in agreements[agreement_id].versions
        if version.number == number
    }


def measured(record: Record) -> Measured:
    """The measurement that a record says it is of."""
    return record.label, record.atlas_id


def hold_to_consent(records: Sequence[Record], covered: Mapping[Measured, Covered]) -> list[Record]:
    """The records, those that were measured outside of consent as quarantined. Others' measurements are left alone."""
    if not covered:
        return list(records)
    return list(_held(records, covered))


def _held(records: Sequence[Record], covered: Mapping[Measured, Covered]) -> Iterator[Record]:
    for record in records:
        cover = covered.get(measured(record))
        yield record if cover is None or _is_inside(record, cover.periods) else _outside(record)


def _is_inside(record: Record, periods: tuple[Period, ...]) -> bool:
    result = record.result
    if result is None or record.measured_at is None:
        return True  # nobody uses it
    return is_inside(periods, record.measured_at, record.stored_at, is_clock_trusted=result.is_clock_trusted)


def _outside(record: Record) -> Record:
    return record._replace(
        status=RecordStatus.QUARANTINED,
        reason=QuarantineReason.OUTSIDE_CONSENT,
        detail="no agreement covered its measurement at that time",
        result=None,
    )
