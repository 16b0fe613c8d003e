"""Probes are chosen by what is known of them and what was chosen before; the gate knows where named ones are."""

from functools import partial

import pytest
from sqlalchemy import Connection

from app.operations.choose_probes import choose_probes, find_probes_to_refresh, propose_probes
from app.operations.decide_dispatches import case_of, require_dispatch
from app.operations.due_tasks import Tasks
from app.operations.fetch_window import Fetcher
from app.operations.keep_probes import exclude_probe, include_probe, list_excluded, probe_page
from app.operations.prepare_records import Preparer
from app.operations.run_due import run_due
from app.operations.send_dispatches import send
from app.store.audit import Wanted as Entries
from app.store.audit import entries
from app.store.choices import find_choice, find_choices
from app.store.engine import reading, writing
from app.store.probes import find_probes
from app.store.registry import Delivered, write_measurements
from measurements.agreements.audit import Act, Subject, SubjectKind
from measurements.agreements.parties import Party
from measurements.campaigns.choice import MOST_PACKETS_PER_DAY, Wanted, Why, selections_of
from measurements.campaigns.measurement import read_measurement
from measurements.errors import InvalidContent, InvalidFilter, NotFound
from measurements.results.outcome import Label
from measurements.units import DAY_S
from tests.agreeing import PROBES, Parties
from tests.choosing import FIRST, IN_TJ, NIGHTLY, SEEN, chosen, intend_from, move, refresh

TODAY = partial(choose_probes, label=SEEN)


@pytest.fixture
def known(parties: Parties) -> Parties:
    """Everybody knows the probes of the country."""
    refresh(parties)
    return parties


def test_what_was_chosen_before_is_remembered(known: Parties) -> None:
    """One probe of each of the four networks; a new one that would come first today does not move them."""
    first = chosen(known)
    known.clock.advance(DAY_S)
    move(known, FIRST + 8, is_anchor=True)

    assert first == (FIRST, FIRST + 1, FIRST + 2, FIRST + 3)
    assert chosen(known) == first
    with writing(known.engine) as connection:
        assert FIRST + 8 in TODAY(connection, "another purpose", IN_TJ, known.now).probe_ids
        assert {one.purpose for one in find_choices(connection, SEEN)} == {NIGHTLY, "another purpose"}
        assert find_choices(connection, Label.MEASURED) == []


def test_a_choice_is_noted_where_it_changes_and_a_proposal_never(known: Parties) -> None:
    chosen(known)
    with reading(known.engine) as connection:
        noted = find_choice(connection, SEEN, NIGHTLY)
    known.clock.advance(DAY_S)
    chosen(known)
    with reading(known.engine) as connection:
        assert find_choice(connection, SEEN, NIGHTLY) == noted
        acting = known.acting(connection, Party.RIPE_NCC)
        fewer = propose_probes(acting, IN_TJ._replace(n_probes=2), label=SEEN, purpose=NIGHTLY)
        assert (len(fewer.chosen), len(fewer.removed)) == (2, 2)
        assert len(propose_probes(acting, IN_TJ, label=SEEN).added) == 4
    assert noted is not None
    assert (noted.wanted, noted.reasons[FIRST]) == (IN_TJ, Why.FIRST_OF_NETWORK)


def test_who_is_silent_for_long_gives_its_place_away(known: Parties) -> None:
    """To another of its network; and rests, which is remembered."""
    chosen(known)
    gone = {"status": {"id": 2, "name": "Disconnected"}, "status_since": known.now, "last_connected": known.now}
    known.clock.advance(7 * DAY_S)
    move(known, FIRST, **gone)
    assert FIRST in chosen(known)
    known.clock.advance(1)

    assert chosen(known) == (FIRST + 1, FIRST + 2, FIRST + 3, FIRST + 4)
    with reading(known.engine) as connection:
        found = find_choice(connection, SEEN, NIGHTLY)
        assert found is not None
        assert found.memory.resting == {FIRST: known.now}
        assert find_probes_to_refresh(connection, SEEN) == (set(range(FIRST, FIRST + 5)), {"TJ"})


@pytest.mark.acceptance("agreement.2")
def test_who_is_excluded_is_left_out_until_it_is_included(known: Parties) -> None:
    """With the reason, in the audit, and once; what was said stays on record."""
    with writing(known.engine) as connection:
        acting = known.acting(connection, Party.RIPE_NCC)
        for _ in range(2):
            exclude_probe(acting, SEEN, FIRST, "answers for 192.0.2.0/24")
        exclude_probe(acting, Label.MEASURED, FIRST + 1, "of another label")
        assert [(one["probe_id"], one["reason"]) for one in list_excluded(acting, SEEN)] == [
            (FIRST, "answers for 192.0.2.0/24")
        ]
        shown = {one["probe_id"]: one for one in probe_page(acting, SEEN, country_code="tj", limit=2).entries}
        assert (shown[FIRST]["is_excluded"], shown[FIRST]["reason"]) == (True, "answers for 192.0.2.0/24")
        assert not shown[FIRST + 1]["is_excluded"]
    assert FIRST not in chosen(known)
    with writing(known.engine) as connection:
        acting = known.acting(connection, Party.RIPE_NCC)
        for _ in range(2):
            assert not include_probe(acting, SEEN, FIRST).is_excluded
        assert list_excluded(acting, SEEN) == []
        told = entries(connection, Entries(Subject(SubjectKind.PROBE, FIRST)))
        assert [(one.act, one.reason) for one in told] == [
            (Act.PROBE_EXCLUDED, "answers for 192.0.2.0/24"), (Act.PROBE_INCLUDED, None)
        ]  # fmt: skip
        with pytest.raises(NotFound):
            include_probe(acting, SEEN, 7)
        with pytest.raises(InvalidContent, match="/reason"):
            exclude_probe(acting, SEEN, 7, "\n")


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        (Wanted(5), "address_family"),
        (Wanted(4, n_probes=0), "n_probes"),
        (Wanted(4, n_probes=1001), "n_probes"),
        (Wanted(4, per_network=0), "per_network"),
        (Wanted(4, country_codes=("Tajikistan",)), "country"),
    ],
)
def test_what_makes_no_sense_is_not_chosen_by(parties: Parties, wanted: Wanted, field: str) -> None:
    with reading(parties.engine) as connection, pytest.raises(InvalidFilter) as wrong:
        TODAY(connection, NIGHTLY, wanted, parties.now)

    assert wrong.value.field == field


def test_a_later_word_counts_in_whatever_order_words_come(known: Parties) -> None:
    """Where it is since, with which tags, and when that was said: nothing else need have changed."""
    earlier = known.now
    known.clock.advance(DAY_S)
    move(known, FIRST, tags=[{"name": "Home", "slug": "home"}])
    with reading(known.engine) as connection:
        (last,) = find_probes(connection, [FIRST], SEEN)
        assert find_probes(connection, [FIRST], Label.MEASURED) == []
    assert (last.observed_at, last.tags) == (earlier + DAY_S, ("home",))
    known.clock.advance(-2 * DAY_S)
    move(known, FIRST, country_code="UZ")

    with reading(known.engine) as connection:
        assert find_probes(connection, [FIRST]) == [last]


def test_what_leans_on_a_host_counts_toward_its_ceiling(known: Parties) -> None:
    """By number, or as the platform says who takes part; what is to be replaced does not."""
    agreement_id = known.agree()
    refresh(known)
    number, _ = intend_from(known, agreement_id, *selections_of([FIRST]))
    with reading(known.engine) as connection:
        asked = case_of(connection, require_dispatch(connection, number), known.now).intent.packets_per_probe_and_day
    assert asked == 3 * 360
    wanted = IN_TJ._replace(packets_per_day=MOST_PACKETS_PER_DAY - asked + 1)

    assert FIRST not in chosen(known, wanted, "a")
    send(known.transaction, known.atlas, known.clock, number)
    taking_part = {"id": known.atlas_id(number), "type": "ping", "af": 4, "probes": [{"id": FIRST + 1}]}
    with writing(known.engine) as connection:
        told = [(SEEN, read_measurement(taking_part), taking_part)]
        write_measurements(connection, told, Delivered("test", known.now))
    assert chosen(known, wanted, "taking part")[0] == FIRST + 2
    assert FIRST in chosen(known, wanted, "b", instead_of=[number])
    assert FIRST in chosen(known, wanted._replace(packets_per_day=MOST_PACKETS_PER_DAY - asked), "c")


def test_the_worker_asks_daily_about_those_that_are_chosen_and_where_some_are_wanted(known: Parties) -> None:
    """So that what is known of them does not become old."""
    chosen(known)
    known.clock.advance(DAY_S)
    fetcher = Fetcher(
        transaction=known.transaction, atlas=known.atlas, clock=known.clock, preparer=Preparer(1), label=SEEN,
        origin="test",
    )  # fmt: skip
    tasks = Tasks(
        snapshot=partial(reading, known.engine), fetcher_for=lambda _: fetcher, tend=lambda: None, seal=lambda _: None
    )

    run_due(known.transaction, known.clock, tasks, worker="a")

    with reading(known.engine) as connection:
        ages = {known.now - one.observed_at for one in find_probes(connection, [one["id"] for one in PROBES])}
    assert ages == {0}


def seen_by(connection: Connection, parties: Parties) -> list[int]:
    """Page after page."""
    acting, found, place = parties.acting(connection, Party.RIPE_NCC), list[int](), None
    while True:
        page = probe_page(acting, SEEN, after=place, limit=7)
        found.extend(one["probe_id"] for one in page.entries)
        place = page.next_after
        if place is None:
            return found


def test_the_list_of_probes_goes_on_behind_its_first_page(known: Parties) -> None:
    with reading(known.engine) as connection:
        assert seen_by(connection, known) == [one["id"] for one in PROBES]
