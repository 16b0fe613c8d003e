"""An agreement to show: between the people of the tests, and everything that it needs to be measured."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, Engine

from app.cli.acting import MACHINE
from app.operations import agree, keep_memorandum
from app.operations.acting import Acting
from app.operations.designate import designate
from app.operations.intend_dispatches import intend
from app.store.catalogue import put_entry
from app.store.dispatches import Found, note, note_found
from app.store.engine import transactions
from app.store.memorandum import find_memorandum
from measurements.agreements.agreement import Choice, Consultation
from measurements.agreements.card import digest
from measurements.agreements.parties import Duty, Party
from measurements.agreements.people import Caller, Person, Role, Scope
from measurements.agreements.term import Outlook
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.app.people import NOW, Member
from tests.measurements.agreements.making import make_card, make_entry

STARTS_AT = "2026-12-31T00:00:00+05:00"
REPRESENTATIVES = {
    Party.TOJIKTELECOM: "representative",
    Party.RIPE_NCC: "other_representative",
    Party.COMMUNICATIONS_SERVICE: "vacant_representative",
}


def agree_on_something(engine: Engine, people: Mapping[str, Member], now_at: int = NOW) -> None:
    """Agreement 1 and its dispatch 1, which nobody has sent. The memorandum is in force, and all are represented."""
    with transactions(engine)() as connection:
        person_id = people[REPRESENTATIVES[Party.COMMUNICATIONS_SERVICE]].person.person_id
        spoken = designate(
            Acting(connection, MACHINE, now_at), person_id=person_id, duties=[Duty.COORDINATION], act="Letter 3",
            from_at=None, until_at=None,
        )  # fmt: skip
        numbers = {Party.TOJIKTELECOM: 1, Party.RIPE_NCC: 2, Party.COMMUNICATIONS_SERVICE: spoken.designation_id}
        acts = {
            party: Acting(connection, Caller(people[name].person, frozenset(Scope), numbers[party]), now_at)
            for party, name in REPRESENTATIVES.items()
        }
        _set_up(connection, acts, now_at)
        _agree(acts)


def lose_the_answer(engine: Engine, now_at: int = NOW) -> None:
    """Dispatch 1 was sent ten minutes ago, nobody heard the answer, and two measurements have its tag."""
    sent = {"sent_at": now_at, "lease_until_at": now_at, "n_sent": 1, "referred_at": now_at}
    numbers = range(900_000_001, 900_000_003)
    with transactions(engine)() as connection:
        note(connection, 1, **sent, trouble=f"RIPE Atlas has 2 of ours under its tag: {', '.join(map(str, numbers))}")
        note_found(connection, 1, [Found(one, is_as_asked=True) for one in numbers])


def _set_up(connection: Connection, acts: Mapping[Party, Acting], now_at: int) -> None:
    """What is not there yet."""
    for party in find_memorandum(connection).missing_signatures:
        keep_memorandum.record_signature(acts[party], party, date(2026, 3, 2))
    if keep_memorandum.find_standing(connection, now_at).outlook is Outlook.UNCONFIRMED:
        keep_memorandum.confirm_no_notice(acts[Party.RIPE_NCC])
    put_entry(connection, make_entry(review_at=now_at + 180 * DAY_S), now_at)


def _agree(acts: Mapping[Party, Acting]) -> None:
    acting, card = acts[Party.TOJIKTELECOM], make_card(starts_at=STARTS_AT)
    number = agree.open_agreement(acting, card)
    talks = Consultation(acting.now_at, frozenset(Party), "The card, version 1", "Fine by all")
    agree.record_consultation(acting, number, talks)
    agree.submit_version(acting, number)
    for speaking in acts.values():
        agree.cast_vote(speaking, number, digest(card), Choice.APPROVE, approves_publicity=True)
    start_at, stop_at = acting.now_at + 60, acting.now_at + DAY_S
    intend(acting, Label.REHEARSED, number, 1, n_probes=5, start_at=start_at, stop_at=stop_at)


def filled(engine: Engine, path: str) -> tuple[str, object]:
    """A path with the number of a new draft of the analyst's in it, and what can be handed in there."""
    caller = Caller(Person(3, "analyst", "-", Party.TOJIKTELECOM, Role.ANALYST), frozenset(Scope), None)
    with transactions(engine)() as connection:
        number = agree.open_agreement(Acting(connection, caller, NOW), make_card())
    content = CONTENTS.get(path.rpartition("/")[2])
    return path.format(agreement_id=number, dispatch_id=1), content


CARD = make_card().model_dump(mode="json")
CONTENTS: Mapping[str, object] = {
    "agreements": CARD,
    "check": CARD,
    "drafts": CARD,
    "narrowings": CARD,
    "consultations": {"parties": ["ripe_ncc"], "shown": "the draft"},
    "submissions": {},
    "votes": {"digest": digest(make_card()), "choice": "approve"},
    "suspensions": {"cause": "dispute"},
    "resumptions": {},
    "withdrawal": {},
    "settlement": {"give_up": True},
}
