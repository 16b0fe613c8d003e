"""What protects an owner less is known by its fields; what protects it more is none of them."""

from decimal import Decimal
from typing import Any

import pytest

from measurements.agreements.catalogue import Consent, Publicness
from measurements.agreements.parties import Party
from measurements.agreements.protection import loosened
from measurements.units import DAY_S
from tests.measurements.agreements.making import NOW, make_entry

LETTER = Consent("letter 8", NOW, NOW + 90 * DAY_S)
ENTRY = make_entry(
    publicness=Publicness.PUBLIC_SERVICE, owner_party=None, consent=LETTER, allowed_types=frozenset({"ping"}),
    is_tajik=True, opted_out_at=NOW,
)  # fmt: skip


@pytest.mark.acceptance("agreement.3")
@pytest.mark.parametrize(
    ("field", "less", "more"),
    [
        ("publicness", Publicness.FOR_ANYONE, Publicness.BY_CONSENT),
        ("owner_party", Party.RIPE_NCC, None),
        ("allowed_types", frozenset({"ping", "dns"}), frozenset()),
        ("max_packets_per_s", Decimal(2), Decimal("0.5")),
        ("is_tajik", False, True),
        ("opted_in_at", NOW, None),
        ("consent", LETTER._replace(until_at=None), LETTER._replace(until_at=NOW + 9)),
        ("consent", LETTER._replace(until_at=NOW + 91 * DAY_S), LETTER._replace(from_at=NOW + 9)),
        ("consent", LETTER._replace(reference="letter 9"), None),
        ("consent", LETTER._replace(from_at=NOW - 1), LETTER),
    ],
)
def test_less_and_more(field: str, less: Any, more: Any) -> None:
    assert loosened(ENTRY, ENTRY._replace(**{field: less})) == (field,)
    assert loosened(ENTRY, ENTRY._replace(**{field: more})) == ()


def test_what_is_no_protection_is_said_by_one() -> None:
    assert loosened(ENTRY, ENTRY._replace(contact="noc@example.org", review_at=NOW, opted_out_at=NOW + 1)) == ()
    assert loosened(ENTRY._replace(consent=None), ENTRY) == ("consent",)
