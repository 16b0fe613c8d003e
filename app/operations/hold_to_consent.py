"""Hold results to consent: what was measured under an agreement when it did not cover it is kept, and not used."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import Connection

from app.store.agreements import find_agreements, find_designations
from app.store.catalogue import find_history
from app.store.dispatches import Dispatch, find_dispatched
from app.store.memorandum import find_memorandum
from app.store.records import Record
from app.store.reviews import find_acceptances
from measurements.agreements.agreement import Agreement, Designations
from measurements.agreements.catalogue import Said
from measurements.agreements.consent_periods import Facts, Period, consent_periods, is_inside
from measurements.agreements.gate import Consent
from measurements.agreements.platform_terms import Service
from measurements.agreements.term import Memorandum
from measurements.results.outcome import DataClass, Label, RecordStatus
from measurements.results.quarantine import QuarantineReason

Measured = tuple[str, int | None]
"""A measurement: its label, and the platform's number."""
OUTSIDE = "no agreement covered its measurement at that time"


class Covered(NamedTuple):
    """As what the results of a measurement are held that was dispatched, and when it was covered."""

    agreement_id: int
    data_class: DataClass
    periods: tuple[Period, ...]


@dataclass(slots=True)
class Consents:
    """When dispatches are covered, as everything says that was said by the time that it is first asked.

    For one unit of work: what is worked out once is remembered.
    """

    connection: Connection
    _said: "_Said | None" = None
    _known: dict[int, Covered] = field(default_factory=dict)

    def of(self, dispatch: Dispatch) -> Covered:
        """When one is."""
        if dispatch.dispatch_id not in self._known:
            self._known[dispatch.dispatch_id] = self._work_out(dispatch)
        return self._known[dispatch.dispatch_id]

    def _work_out(self, dispatch: Dispatch) -> Covered:
        said = self._said = self._said or _everything_said(self.connection)
        agreement = said.agreements[dispatch.agreement_id]
        terms_accepted_at = said.terms_accepted_at if dispatch.label is Label.MEASURED else 0
        facts = Facts(Consent(agreement, said.designations), said.memorandum, said.catalogue, terms_accepted_at)
        [card] = [one.card for one in agreement.versions if one.number == dispatch.number]
        periods = consent_periods(dispatch.intent, facts)
        return Covered(agreement.agreement_id, DataClass(card.data_class), periods)


class _Said(NamedTuple):
    agreements: Mapping[int, Agreement]
    designations: Designations
    memorandum: Memorandum
    catalogue: tuple[Said, ...]
    terms_accepted_at: int | None


def _everything_said(connection: Connection) -> _Said:
    accepted = find_acceptances(connection, service=Service.RIPE_ATLAS)
    return _Said(
        {one.agreement_id: one for one in find_agreements(connection)},
        find_designations(connection),
        find_memorandum(connection),
        find_history(connection),
        min((one.accepted_at for one in accepted), default=None),
    )


def find_covered(
    connection: Connection, records: Iterable[Record], consents: Consents | None = None
) -> dict[Measured, Covered]:
    """The measurements among those of these records that were dispatched under an agreement.

    `consents` are those of the unit of work, where it asks more than once.
    """
    consents = consents or Consents(connection)
    dispatched = find_dispatched(connection, {measured(one) for one in records})
    return {key: consents.of(dispatch) for key, dispatch in dispatched.items()}


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
        status=RecordStatus.QUARANTINED, reason=QuarantineReason.OUTSIDE_CONSENT, detail=OUTSIDE, result=None
    )
