"""What the database holds campaigns to: each round once, told of once, and nothing permitted of what was stopped."""

from functools import partial

import pytest

from tests.app.store.raw_client import Execute, add, attempt, intend, permit
from tests.measurements.agreements.making import NOW


@pytest.fixture
def planned(agreed: Execute) -> Execute:
    """A campaign with a round, and a cell that dispatch 1 measures."""
    add(agreed, "campaigns", id=1, label="rehearsed", name="k-root-tj", state="active", version=1, changed_at=NOW)
    add(
        agreed, "campaign_versions", campaign_id=1, version=1, document="{}", digest="d", agreement_id=1,
        applied_at=NOW,
    )  # fmt: skip
    add(
        agreed, "campaign_rounds", id=1, campaign_id=1, version=1, round_at=NOW, until_at=NOW + 60,
        deadline_at=NOW + 90, is_extra=False, state="open", planned_at=NOW,
    )  # fmt: skip
    add(agreed, "round_cells", round_id=1, cell="a", dispatch_id=1, is_capped=False)
    return agreed


@pytest.mark.acceptance("orchestration.7")
@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_nothing_is_permitted_of_a_campaign_that_does_not_run(planned: Execute, state: str) -> None:
    planned(f"UPDATE campaigns SET state = '{state}'")

    attempt("paused or stopped", lambda: permit(planned))
    planned("UPDATE campaigns SET state = 'active'")
    permit(planned)


def test_a_cell_has_one_dispatch_and_a_dispatch_one_cell(planned: Execute) -> None:
    intend(planned, 2)

    attempt("never replaced", lambda: add(planned, "round_cells", round_id=1, cell="a", dispatch_id=2, is_capped=False))
    attempt("one cell", lambda: add(planned, "round_cells", round_id=1, cell="b", dispatch_id=1, is_capped=False))
    attempt("keeps its dispatch", partial(planned, "UPDATE round_cells SET dispatch_id = 2"))


def test_a_round_is_closed_once_and_so_is_a_cell(planned: Execute) -> None:
    attempt("closed once", partial(planned, "UPDATE campaign_rounds SET round_at = 1"))
    planned("UPDATE round_cells SET n_expected = 10, n_received = 9")
    planned(f"UPDATE campaign_rounds SET state = 'closed', closed_at = {NOW}")

    attempt("told of once", partial(planned, "UPDATE round_cells SET n_received = 10"))
    attempt("closed once", partial(planned, "UPDATE campaign_rounds SET state = 'open'"))


def test_what_was_asked_for_and_planned_stays(planned: Execute) -> None:
    attempt("never changes", partial(planned, "UPDATE campaign_versions SET document = 'x'"))
    for table in ("round_cells", "campaign_rounds", "campaign_versions"):
        attempt("never removed", partial(planned, f"DELETE FROM {table}"))
