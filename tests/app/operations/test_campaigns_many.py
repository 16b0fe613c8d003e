"""Many campaigns: a tick costs what is due, and not what there is."""

import pytest
from sqlalchemy import event, insert, select, text

from app.operations.plan_rounds import plan_rounds
from app.store import tables
from app.store.engine import tending, writing
from measurements.campaigns.nights import LEAD_S
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import Parties
from tests.campaigning import NIGHT_AT, Campaigns

MANY, DUE = 10_000, 10


def multiply(campaigns: Campaigns, n: int, next_at: int) -> None:
    """The same campaign under so many names, of which so many are due with it."""
    with writing(campaigns.parties.engine) as connection:
        one = connection.execute(select(tables.campaigns)).one()._asdict()
        version = connection.execute(select(tables.campaign_versions)).one()._asdict()
        copies = [one | {"id": k, "name": f"copy-{k}", "next_at": one["next_at"] if k <= DUE else next_at}
                  for k in range(2, n + 1)]  # fmt: skip
        connection.execute(insert(tables.campaigns), copies)
        connection.execute(insert(tables.campaign_versions), [version | {"campaign_id": one["id"]} for one in copies])


@pytest.mark.acceptance("orchestration.4")
def test_a_tick_asks_the_database_for_what_is_due_alone(parties: Parties) -> None:
    """Ten thousand campaigns more cost no statement more, and no row more: what is due is found by an index."""
    parties.agree()
    campaigns = Campaigns(parties)
    campaigns.apply()
    campaigns.wait(NIGHT_AT - LEAD_S)
    multiply(campaigns, MANY, NIGHT_AT + DAY_S)
    statements: list[str] = []
    event.listen(parties.engine, "before_cursor_execute", lambda *told: statements.append(told[2]))

    planned = plan_rounds(parties.transaction, parties.now, Label.REHEARSED)
    n_of_ten = len(statements)
    again = plan_rounds(parties.transaction, parties.now, Label.REHEARSED)

    assert planned.campaign_ids == tuple(range(1, DUE + 1))
    assert (planned.n_permitted + planned.n_refused, again.campaign_ids) == (2 * DUE, ())
    assert len(statements) - n_of_ten <= 3
    assert n_of_ten < 60 * 2 * DUE


def test_what_is_due_is_found_by_its_index(parties: Parties) -> None:
    parties.agree()
    campaigns = Campaigns(parties)
    campaigns.apply()
    multiply(campaigns, MANY, NIGHT_AT + DAY_S)
    asks = "SELECT id FROM campaigns WHERE label = 'rehearsed' AND next_at <= 0 ORDER BY next_at, id LIMIT 100"
    is_sqlite = parties.engine.dialect.name == "sqlite"
    with tending(parties.engine) as connection:
        connection.execute(text("ANALYZE"))
        plan = connection.execute(text(f"EXPLAIN {'QUERY PLAN ' if is_sqlite else ''}{asks}")).all()

    assert "ix_campaigns_label_next_at" in str(plan)
