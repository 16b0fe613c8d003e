"""The three parties and their people, an agreement between them, and an Atlas in memory to measure with."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from app.operations import agree, keep_catalogue, keep_memorandum
from app.operations.acting import Acting
from app.operations.intend_dispatches import intend
from app.operations.loosen_targets import confirm_loosening, find_waiting
from app.operations.send_dispatches import send
from app.store import agreements
from app.store.catalogue import put_entry
from app.store.designations import add_designation
from app.store.dispatches import find_dispatch
from app.store.engine import reading, transactions, writing
from app.store.people import add_person
from measurements.agreements.agreement import Choice, Consultation, State, state_of
from measurements.agreements.card import Card
from measurements.agreements.catalogue import Consent
from measurements.agreements.gate import Decision
from measurements.agreements.parties import Designation, Duty, Party
from measurements.agreements.people import Caller, Person, Role, Scope
from measurements.atlas.memory import MemoryAtlas
from measurements.results.outcome import Label
from measurements.units import DAY_S, seconds
from tests.clocks import ManualClock
from tests.measurements.agreements.making import NOW, make_card, make_entry

BEFORE = NOW - 20 * DAY_S
PROBES: list[dict[str, Any]] = [
    {"id": 9_100_000 + n, "country_code": "TJ", "asn_v4": 64_500 + n % 4, "prefix_v4": "198.51.100.0/24",
     "status": {"id": 1, "name": "Connected"}, "is_public": True, "tags": []}
    for n in range(1, 26)
]  # fmt: skip


class Parties:
    """Everybody is designated, the memorandum is in force to the end of 2027, and K-root is in the catalogue."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.transaction = transactions(engine)
        self.clock = ManualClock(datetime.fromtimestamp(BEFORE, UTC))
        self.atlas = MemoryAtlas(self.clock, probes=PROBES)
        with writing(engine) as connection:
            for party in Party:
                designate(connection, party)
            put_entry(connection, make_entry(), BEFORE)
            for party in Party:
                keep_memorandum.record_signature(self.acting(connection, party), party, date(2026, 3, 2))
            keep_memorandum.confirm_no_notice(self.acting(connection, Party.RIPE_NCC))

    @property
    def now(self) -> int:
        return seconds(self.clock.now())

    def acting(self, connection: Connection, party: Party) -> Acting:
        """An act of the person that a party has designated."""
        return Acting(connection, who(party), self.now)

    def agree(self, card: Card | None = None, *, votes: dict[Party, Choice] | None = None) -> int:
        """Open an agreement, consult, submit and vote on it, and let its time begin; gives its number."""
        card = card or make_card()
        with writing(self.engine) as connection:
            first = self.acting(connection, Party.RIPE_NCC)
            agreement_id = agree.open_agreement(first, card)
            talks = Consultation(self.now, frozenset(Party), "the draft", "")
            agree.record_consultation(first, agreement_id, talks)
            digest = agree.submit_version(first, agreement_id)
            for party, choice in (votes or dict.fromkeys(Party, Choice.APPROVE)).items():
                acting = self.acting(connection, party)
                agree.cast_vote(acting, agreement_id, digest, choice, approves_publicity=True)
        self.clock.advance(max(0, NOW - self.now))
        return agreement_id

    def intend(self, agreement_id: int, entry: int = 0, **changes: Any) -> tuple[int, Decision]:
        """An intent of a month; its number, and what the gate says."""
        with writing(self.engine) as connection:
            times = {"start_at": self.now + 60, "stop_at": self.now + 30 * DAY_S} | changes
            dispatch, decision = intend(
                self.acting(connection, Party.RIPE_NCC), Label.REHEARSED, agreement_id, entry, **times
            )
        return dispatch.dispatch_id, decision

    def consents(self, name: str, consent: Consent) -> None:
        """A target's owner does, as one party records it and another confirms."""
        with writing(self.engine) as connection:
            entry = keep_catalogue.record_consent(self.acting(connection, Party.TOJIKTELECOM), name, consent)
            acting = self.acting(connection, Party.RIPE_NCC)
            confirm_loosening(acting, name, find_waiting(acting, [entry])[name].number)

    def dispatched(self, agreement_id: int) -> int:
        """Something under way; its number."""
        dispatch_id, _ = self.intend(agreement_id)
        send(self.transaction, self.atlas, self.clock, dispatch_id)
        return dispatch_id

    def state(self, agreement_id: int) -> State:
        """How an agreement stands."""
        with reading(self.engine) as connection:
            agreement = agreements.find_agreement(connection, agreement_id)
            assert agreement
            return state_of(agreement, agreements.find_designations(connection), self.now)

    def atlas_id(self, dispatch_id: int) -> int | None:
        """The Atlas's number of a dispatch."""
        with reading(self.engine) as connection:
            dispatch = find_dispatch(connection, dispatch_id)
        assert dispatch
        return dispatch.atlas_id


def who(party: Party) -> Caller:
    """The person that a party has designated."""
    number = list(Party).index(party) + 1
    person = Person(number, party, "-", party, Role.REPRESENTATIVE)
    return Caller(person, frozenset(Scope), number)


def designate(connection: Connection, party: Party) -> None:
    """A person, designated by a party."""
    person = add_person(connection, name=party, contact="-", party=party, role=Role.REPRESENTATIVE, added_at=0)
    add_designation(connection, Designation(0, party, person.person_id, frozenset(Duty), "letter", 0, None))
