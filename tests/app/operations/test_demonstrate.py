"""The demonstration: agreed on once, and nothing in it is refused."""

import pytest
from sqlalchemy import Engine

from app.cli.acting import MACHINE
from app.operations.acting import Acting
from app.operations.demonstrate import CAMPAIGN, demonstrate
from app.operations.plan_rounds import plan_rounds
from app.store.campaigns import find_campaign
from app.store.engine import reading, transactions, writing
from measurements.campaigns.standing import State
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.measurements.agreements.making import NOW

pytestmark = pytest.mark.acceptance("orchestration.1")


def test_it_is_agreed_on_once_and_its_night_is_permitted(engine: Engine) -> None:
    with writing(engine) as connection:
        assert demonstrate(Acting(connection, MACHINE, NOW), Label.REHEARSED)
    with writing(engine) as connection:
        assert not demonstrate(Acting(connection, MACHINE, NOW + 1), Label.REHEARSED)
    with reading(engine) as connection:
        held = find_campaign(connection, Label.REHEARSED, CAMPAIGN)
    assert held
    assert held.state is State.ACTIVE
    assert held.next_at
    assert NOW < held.next_at <= NOW + DAY_S

    planned = plan_rounds(transactions(engine), held.next_at, Label.REHEARSED)

    assert (planned.n_permitted, planned.n_refused) == (3, 0)
