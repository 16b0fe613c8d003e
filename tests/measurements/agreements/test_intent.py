"""An intent: what it costs and sends, and of how many probes it asks."""

from decimal import Decimal

from measurements.agreements.card import Allowed, Selected
from measurements.agreements.intent import trimmed
from tests.measurements.agreements.making import CARD, NOW, make_intent


def test_what_a_measurement_costs_and_sends_is_worked_out_from_what_is_asked() -> None:
    intent = make_intent()

    assert intent.credits == 3 * 20 * (30 * 360)
    assert intent.packets_per_s == Decimal("0.25")
    once = Allowed.model_validate(CARD["measurements"][0] | {"interval_s": None})
    assert make_intent(allowed=once, stop_at=NOW + 120).credits == 2 * 3 * 20


def test_an_intent_asks_for_no_more_probes_than_it_is_given() -> None:
    """Those of the first selections first; and "all" is as many as are left."""
    some = Selected.model_validate({"by": "country", "value": "TJ", "requested": 20})
    every = Selected.model_validate({"by": "country", "value": "UZ", "requested": "all"})

    assert [one.requested for one in trimmed((some, every), 30)] == [20, 10]
    assert [one.requested for one in trimmed((some, every), 7)] == [7]
    assert make_intent(selections=(some, every)).n_probes == 1_020
