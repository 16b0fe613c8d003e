"""Until when things are kept, whatever the cards say and whatever the clocks say."""

from datetime import datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.agreement import Agreement, Narrowing, Withdrawal
from measurements.agreements.card import Card
from measurements.agreements.parties import Party
from measurements.agreements.retention import (
    Tombstone,
    counts_from,
    day_of,
    digest_of_records,
    goes_at,
    gone_before,
    keeping,
)
from measurements.agreements.tombstone_lines import line_of, read_line, signed_bytes
from measurements.units import DAY_S
from tests.measurements.agreements.making import NOW, make_card, make_version

pytestmark = pytest.mark.acceptance("agreement.4")
INSTANTS = st.integers(1_300_000_000, 2_300_000_000)
DAYS = st.integers(0, 3_650)


@given(INSTANTS, DAYS, INSTANTS)
def test_it_goes_when_its_days_are_over_and_not_before(measured_at: int, days: int, now: int) -> None:
    assert (measured_at < gone_before(now, days)) == (goes_at(measured_at, days) <= now)


@given(INSTANTS, DAYS)
def test_days_are_whole_days_in_dushanbe(measured_at: int, days: int) -> None:
    end = datetime.fromtimestamp(goes_at(measured_at, days), ZoneInfo("Asia/Dushanbe"))
    begun = datetime.fromtimestamp(measured_at, ZoneInfo("Asia/Dushanbe"))
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert (end.date() - begun.date()).days == days + 1
    assert days * DAY_S < goes_at(measured_at, days) - measured_at <= (days + 1) * DAY_S
    assert day_of(measured_at) == (gone_before(measured_at, 0), goes_at(measured_at, 0))


RETENTIONS = st.tuples(DAYS, DAYS).map(lambda days: (min(days), max(days)))


@given(
    agreed=RETENTIONS,
    narrower=st.lists(st.tuples(RETENTIONS, st.integers(3, 9), st.integers(1, 6)), max_size=4),
    is_withdrawn=st.booleans(),
)
def test_the_shortest_of_binding_cards_counts_and_a_withdrawal_changes_nothing(
    *, agreed: tuple[int, int], narrower: list[tuple[tuple[int, int], int, int]], is_withdrawn: bool
) -> None:
    def card(days: tuple[int, int], n_probes: int = 5, n_networks: int = 3) -> Card:
        publication = {"embargo_days": 7, "min_probes": n_probes, "min_networks": n_networks}
        return make_card(retention={"raw_days": days[0], "probe_level_days": days[1]}, publication=publication)

    version = make_version(card(agreed))
    narrowings = tuple(Narrowing(card(*one), Party.RIPE_NCC, NOW - n) for n, one in enumerate(narrower))
    withdrawals = (Withdrawal(Party.TOJIKTELECOM, NOW - DAY_S),) if is_withdrawn else ()
    kept = keeping(Agreement(1, (version,), (), withdrawals, narrowings), version, NOW)
    assert kept.raw_days == min([agreed[0], *(one[0][0] for one in narrower)])
    assert kept.probe_level_days == min([agreed[1], *(one[0][1] for one in narrower)])
    assert kept.min_probes == max([5, *(one[1] for one in narrower)])
    assert kept.min_networks == max([3, *(one[2] for one in narrower)])


@given(measured_at=INSTANTS, stored_at=st.none() | INSTANTS, retrieved_at=INSTANTS, is_datable=st.booleans())
def test_no_clock_makes_anything_stay_longer_than_since_it_came(
    *, measured_at: int, stored_at: int | None, retrieved_at: int, is_datable: bool
) -> None:
    counted = counts_from(measured_at, stored_at, retrieved_at, is_datable=is_datable)
    if is_datable:
        assert counted == measured_at
    else:
        assert counted <= retrieved_at
        assert counted in (stored_at, retrieved_at)


@given(st.lists(st.binary(min_size=16, max_size=16), unique=True), st.randoms())
def test_the_digest_does_not_tell_in_which_order_records_came(digests: list[bytes], random: Random) -> None:
    shuffled = list(digests)
    random.shuffle(shuffled)
    assert digest_of_records(shuffled) == digest_of_records(digests)


STONE = Tombstone(3, 1, "measured", 1_000_001, "raw", 0, DAY_S, 24, "0" * 64, 30, "as_agreed", NOW)


def test_a_line_is_read_as_it_was_written() -> None:
    assert read_line(line_of(STONE, b"signature")) == (STONE, b"signature")
    assert signed_bytes(STONE) != signed_bytes(STONE._replace(n_records=25))


@pytest.mark.parametrize(
    ("was", "now"),
    [(b'"raw"', b'"all"'), (b"24", b'"24"'), (b"24", b"24.0"), (b'"n_records"', b'"n"'),
     (b"tombstone-1", b"tombstone-2"), (b"as_agreed", b"because"), (b'"signature"', b'"sign"'),
     (b"c2ln", b"?"), (b"{", b"["), (b'"raw"', b'["raw"]')],
)  # fmt: skip
def test_what_is_no_tombstone_is_none(was: bytes, now: bytes) -> None:
    line = line_of(STONE, b"signature")
    assert was in line
    assert read_line(line.replace(was, now)) is None
