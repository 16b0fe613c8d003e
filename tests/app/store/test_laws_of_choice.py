"""What was chosen and who was left out is only added to, whoever writes."""

from functools import partial

import pytest

from tests.app.store.raw_client import Execute, add, attempt
from tests.measurements.agreements.making import NOW


@pytest.mark.acceptance("agreement.2")
def test_what_was_chosen_or_excluded_once_stays(execute: Execute) -> None:
    excluded = {"id": 1, "label": "measured", "probe_id": 7, "is_excluded": True, "reason": "odd", "said_at": NOW}
    told = {"wanted": "{}", "chosen": "{}", "resting": "{}"}
    chosen = {"id": 1, "label": "measured", "purpose": "x", "chosen_at": NOW, **told}
    for table, row, column in (("probe_exclusions", excluded, "said_at"), ("probe_choices", chosen, "chosen_at")):
        add(execute, table, **row)
        attempt("never change", partial(execute, f"UPDATE {table} SET {column} = 1"))
        attempt("never removed", partial(execute, f"DELETE FROM {table}"))
        attempt("never replaced", partial(add, execute, table, **row))
        add(execute, table, **(row | {"id": 2}))
