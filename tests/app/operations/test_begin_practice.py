"""Practice: demonstration representatives agree, in a database of their own, and nothing is measured by it."""

from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DatabaseError

from app.cli.acting import MACHINE
from app.operations.acting import Acting
from app.operations.begin_practice import Begun, begin_practice
from app.operations.intend_dispatches import ask_gate, intend
from app.store.agreements import find_agreement, find_designations
from app.store.engine import reading, writing
from app.store.people import add_person, list_people
from app.store.practice import practice_begun_at
from measurements.agreements.agreement import State, state_of
from measurements.agreements.gate import decide
from measurements.agreements.parties import Party
from measurements.agreements.people import Role
from measurements.agreements.reasons import Reason
from measurements.errors import NotPossible
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.measurements.agreements.making import NOW, make_card, make_entry

pytestmark = pytest.mark.acceptance("orchestration.1")
MEASURED = (
    "INSERT INTO dispatches (id, label, agreement_id, number, digest, intent, intent_digest, tag, target, n_probes, "
    "credits, start_at, stop_at, is_public, intended_at) SELECT 99, 'measured', agreement_id, number, digest, intent, "
    "intent_digest, 'another', target, n_probes, credits, start_at, stop_at, is_public, intended_at FROM dispatches"
)


def practise(engine: Engine, label: Label = Label.REHEARSED) -> Begun:
    with writing(engine) as connection:
        return begin_practice(Acting(connection, MACHINE, NOW), label, [make_entry()], make_card())


def test_three_who_speak_for_nobody_agree(engine: Engine) -> None:
    begun = practise(engine)

    with reading(engine) as connection:
        agreement = find_agreement(connection, begun.agreement_id)
        assert agreement
        assert state_of(agreement, find_designations(connection), NOW) is State.AGREED
        assert practice_begun_at(connection) == NOW
        assert {one.party for one in list_people(connection)} == set(Party)
        assert all("Demonstration" in one.name for one in list_people(connection))


def test_a_rehearsal_is_asked_and_ripe_atlas_is_not(engine: Engine) -> None:
    begun = practise(engine)
    speaker = begun.representatives[Party.RIPE_NCC]

    with writing(engine) as connection:
        acting = Acting(connection, speaker, NOW)
        times: dict[str, Any] = {"start_at": NOW + 60, "stop_at": NOW + DAY_S}
        _, rehearsed = intend(acting, Label.REHEARSED, begun.agreement_id, 0, **times)
        measured = decide(*ask_gate(acting, Label.MEASURED, begun.agreement_id, 0, **times))
        with pytest.raises(NotPossible, match="who speak for nobody"):
            intend(acting, Label.MEASURED, begun.agreement_id, 0, **times)
    assert measured.reason is Reason.ONLY_PRACTICE
    assert rehearsed.reason is Reason.AGREED
    with pytest.raises(DatabaseError, match="nothing is measured under"), writing(engine) as connection:
        connection.execute(text(MEASURED))


def test_nothing_is_agreed_where_ripe_atlas_is_asked(engine: Engine) -> None:
    with pytest.raises(NotPossible, match="nothing is agreed automatically"):
        practise(engine, Label.MEASURED)

    with reading(engine) as connection:
        assert practice_begun_at(connection) is None
        assert not list_people(connection)


def test_where_somebody_was_added_nobody_practises(engine: Engine) -> None:
    with writing(engine) as connection:
        add_person(connection, name="A", contact="-", party=None, role=Role.AUDITOR, added_at=0)

    with pytest.raises(NotPossible, match="a database of its own"):
        practise(engine)
    with pytest.raises(DatabaseError, match="is empty when practice begins"), writing(engine) as connection:
        connection.execute(text("INSERT INTO practice (id, begun_at) VALUES (1, 0)"))


@pytest.mark.parametrize("change", ["DELETE FROM practice", "UPDATE practice SET begun_at = 1"])
def test_practice_never_becomes_real(engine: Engine, change: str) -> None:
    practise(engine)

    with pytest.raises(DatabaseError, match="a database for practice stays one"), writing(engine) as connection:
        connection.execute(text(change))
