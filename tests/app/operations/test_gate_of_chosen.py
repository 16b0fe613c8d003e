"""Probes that are chosen by their numbers go through the gate where it is known that a card allows them."""

import pytest

from app.operations.send_dispatches import send
from app.operations.stop_dispatches import decide_again
from app.store.catalogue import put_entry
from app.store.engine import writing
from app.store.listings import write_told
from app.store.registry import Delivered
from measurements.agreements.card import Selected
from measurements.agreements.listings import Lister, Told, networks, originated, registered
from measurements.agreements.reasons import Reason
from measurements.campaigns.choice import selections_of
from measurements.units import DAY_S
from tests.agreeing import Parties
from tests.choosing import FIRST, SEEN, chosen, intend_from, move, refresh
from tests.measurements.agreements.making import NOW, make_card, make_entry


@pytest.fixture
def known(parties: Parties) -> Parties:
    """Everybody knows the probes of the country."""
    refresh(parties)
    return parties


@pytest.mark.acceptance("agreement.1")
def test_what_is_chosen_is_measured_under_a_card_that_allows_some_of_the_country(known: Parties) -> None:
    """From those alone; a probe that nobody knows is refused with its own reason, and so is one that moved away."""
    agreement_id = known.agree()
    refresh(known)
    probe_ids = chosen(known)

    number, decision = intend_from(known, agreement_id, *selections_of(probe_ids))
    assert decision.reason is Reason.AGREED
    send(known.transaction, known.atlas, known.clock, number)
    known.clock.advance(60)
    assert known.atlas.participants(known.atlas_id(number) or 0).probe_ids == frozenset(probe_ids)
    assert intend_from(known, agreement_id, *selections_of([*probe_ids, 9_200_000]))[1].reason is Reason.PROBES_UNKNOWN

    known.clock.advance(DAY_S)
    move(known, probe_ids[0], country_code="UZ")
    assert intend_from(known, agreement_id, *selections_of(probe_ids))[1].reason is Reason.OTHER_PROBES
    stopping = decide_again(known.transaction, known.atlas, known.clock, SEEN)
    assert stopping.stopped == (known.atlas_id(number),)


@pytest.mark.acceptance("agreement.1")
def test_what_is_known_of_probes_becomes_old(known: Parties) -> None:
    agreement_id = known.agree()
    refresh(known)
    probe_ids = chosen(known)
    known.clock.advance(30 * DAY_S)
    assert intend_from(known, agreement_id, *selections_of(probe_ids))[1].reason is Reason.AGREED
    known.clock.advance(1)

    assert intend_from(known, agreement_id, *selections_of(probe_ids))[1].reason is Reason.PROBES_UNKNOWN


@pytest.mark.acceptance("agreement.1")
def test_probes_of_an_operator_that_opted_out_are_not_asked_in_whatever_way_they_are_chosen(known: Parties) -> None:
    """By number, by a prefix that its network announces, or as they take part in something."""
    of_prefix = {"by": "prefix", "value": "198.51.100.0/25", "requested": 5}
    selections = [
        of_prefix,
        {"by": "msm", "value": "1001", "requested": 5},
        {"by": "asn", "value": "64501", "requested": 9},
    ]
    agreement_id = known.agree(make_card(selections=selections))
    refresh(known)
    prefix, msm = (Selected.model_validate(one) for one in selections[:2])
    ways = {"prefix": (prefix,), "msm": (msm,), "number": selections_of([FIRST + 4]), "other": selections_of([FIRST])}
    assert {intend_from(known, agreement_id, *ways[way])[1].reason for way in ("prefix", "msm", "number")} == {
        Reason.AGREED
    }
    out = make_entry(name="as64502", is_tajik=True, opted_out_at=NOW, review_at=NOW + 900 * DAY_S)
    with writing(known.engine) as connection:
        put_entry(connection, out, NOW)
    assert intend_from(known, agreement_id, prefix)[1].reason is Reason.NETWORK_OPTED_OUT

    with writing(known.engine) as connection:
        put_entry(connection, out._replace(name="as64500"), NOW)
    know_registry(known, {64500: "203.0.113.0/24", 64501: "198.51.100.0/24", 64502: "203.0.113.0/24"})
    assert intend_from(known, agreement_id, prefix)[1].reason is Reason.AGREED
    assert intend_from(known, agreement_id, msm)[1].reason is Reason.NETWORK_OPTED_OUT
    assert intend_from(known, agreement_id, *ways["number"])[1].reason is Reason.AGREED


def know_registry(parties: Parties, announced: dict[int, str]) -> None:
    """What Tajik networks announce, as of now."""
    now = parties.now
    whose = Lister.RIPESTAT, now
    each = (originated(asn, [prefix], *whose) for asn, prefix in announced.items())
    listings = registered(["198.51.100.0/24", "2001:db8::/32"], *whose), networks(announced, *whose), *each
    with writing(parties.engine) as connection:
        write_told(connection, [Told(listings, b"{}")], Delivered("test", now), SEEN)
