"""Targets that are looked after: where their names lead, what their owners said, and that what runs is stopped."""

from collections.abc import Callable
from functools import partial

import pytest

from app.operations import keep_catalogue
from app.operations.acting import Acting, NotPermitted
from app.operations.dispatch_entries import decision_entries
from app.operations.due_tasks import DECIDE_EVERY_S, Tasks
from app.operations.fetch_window import Fetcher
from app.operations.look_after_targets import Looked, look_after_targets
from app.operations.prepare_records import Preparer
from app.operations.run_due import Lease, run_due
from app.operations.send_dispatches import send
from app.store.audit import Wanted, entries
from app.store.catalogue import find_entry, put_entry
from app.store.engine import reading, writing
from measurements.agreements.addresses import MemoryResolver, NotResolved
from measurements.agreements.audit import Act, Subject, SubjectKind
from measurements.agreements.catalogue import CatalogueEntry, Consent, Publicness
from measurements.agreements.parties import Party
from measurements.agreements.people import Caller, Person, Role, Scope
from measurements.agreements.reasons import Caution, Reason
from measurements.atlas.failures import Phase, ServerFailed
from measurements.errors import InvalidContent, NotFound, NotPossible
from measurements.results.outcome import Label
from measurements.units import DAY_S, HOUR_S
from tests.agreeing import Parties
from tests.measurements.agreements.making import NOW, make_card, make_entry

NAME, OTHER = "ns1.nic.tj", "ns2.nic.tj"
HERE, THERE = frozenset({"192.0.2.1"}), frozenset({"192.0.2.7"})
NIC = {
    "name": NAME, "owner": "ITC", "owner_party": None, "contact": "noc@example.tj", "is_tajik": True,
    "pinned_addresses": HERE,
}  # fmt: skip
CARD = make_card(
    measurements=[
        {"target": NAME, "type": "ping", "address_family": 4, "parameters": {"packets": 3}, "interval_s": 240}
    ]
)
MACHINE = Caller(Person(0, "-", "-", None, Role.ADMINISTRATOR), frozenset(Scope), None)
AWAY = ServerFailed("502", phase=Phase.WAIT, status=502)


@pytest.fixture
def with_name(parties: Parties) -> Parties:
    """And a target that is reached by its name."""
    hold(parties, make_entry(**NIC))
    return parties


def hold(parties: Parties, entry: CatalogueEntry) -> None:
    with writing(parties.engine) as connection:
        put_entry(connection, entry, parties.now)


def held(parties: Parties, name: str = NAME) -> CatalogueEntry:
    with reading(parties.engine) as connection:
        entry = find_entry(connection, name)
    assert entry
    return entry


def look(parties: Parties, **known: frozenset[str]) -> Looked:
    resolver = MemoryResolver({name.replace("_", "."): addresses for name, addresses in known.items()})
    return look_after_targets(parties.transaction, resolver, parties.clock)


def audited(parties: Parties, act: Act) -> int:
    with reading(parties.engine) as connection:
        return len(entries(connection, Wanted(Subject(SubjectKind.TARGET, NAME), act)))


def by(parties: Parties, do: Callable[[Acting], object], party: Party = Party.TOJIKTELECOM) -> None:
    with writing(parties.engine) as connection:
        do(parties.acting(connection, party))


def tasks_of(parties: Parties, look_after: Callable[[Lease], None] | None = None) -> Tasks:
    fetcher = Fetcher(
        transaction=parties.transaction, atlas=parties.atlas, clock=parties.clock, preparer=Preparer(1),
        label=Label.REHEARSED, origin="http://atlas.example",
    )  # fmt: skip
    return Tasks(
        snapshot=partial(reading, parties.engine), fetcher_for=lambda _: fetcher, tend=lambda: None,
        seal=lambda _: None, look_after_targets=look_after,
    )  # fmt: skip


def looking(resolver: MemoryResolver) -> Callable[[Lease], None]:
    """As the worker has it done."""

    def look_after(lease: Lease) -> None:
        look_after_targets(lease.transaction, resolver, lease.clock, lease.renew)

    return look_after


def test_a_name_that_leads_elsewhere_is_refused_until_a_party_confirms(with_name: Parties) -> None:
    agreement_id = with_name.agree(CARD)
    dispatch_id, first = with_name.intend(agreement_id)
    assert first.is_permitted
    drifted_at = with_name.now

    assert look(with_name, ns1_nic_tj=THERE) == Looked(1, (NAME,))

    assert (held(with_name).drifted_at, held(with_name).seen_addresses) == (drifted_at, THERE)
    refused = send(with_name.transaction, with_name.atlas, with_name.clock, dispatch_id)
    assert refused.reason is Reason.TARGET_DRIFTED
    assert with_name.atlas.calls == []
    with pytest.raises(NotPossible, match=r"seen to lead to 192\.0\.2\.7"):
        by(with_name, lambda act: keep_catalogue.confirm_addresses(act, NAME, HERE))
    by(with_name, lambda act: keep_catalogue.confirm_addresses(act, NAME, THERE))
    assert (held(with_name).drifted_at, held(with_name).pinned_addresses) == (None, THERE)
    assert with_name.intend(agreement_id)[1].is_permitted
    assert (audited(with_name, Act.TARGET_DRIFTED), audited(with_name, Act.TARGET_CONFIRMED)) == (1, 1)


def test_what_runs_is_stopped_when_its_name_leads_elsewhere(with_name: Parties) -> None:
    """By the worker: it looks daily, and the gate is asked within minutes after."""
    atlas_id = with_name.atlas_id(with_name.dispatched(with_name.agree(CARD))) or 0
    resolver = MemoryResolver({NAME: THERE})
    tasks = tasks_of(with_name, looking(resolver))
    began_at = with_name.now

    while not with_name.atlas.measurement(atlas_id).status.is_final:
        assert with_name.now - began_at <= DAY_S + 2 * DECIDE_EVERY_S
        with_name.clock.sleep(run_due(with_name.transaction, with_name.clock, tasks, worker="a"))

    assert held(with_name).drifted_at is not None
    assert with_name.now - (held(with_name).drifted_at or 0) <= 2 * DECIDE_EVERY_S


def test_coming_back_is_no_confirmation_and_each_other_place_is_told_once(with_name: Parties) -> None:
    for seen in (THERE, THERE, HERE, frozenset(), frozenset()):
        look(with_name, ns1_nic_tj=seen)
        with_name.clock.advance(DAY_S)

    assert held(with_name).drifted_at is not None
    assert audited(with_name, Act.TARGET_DRIFTED) == 2
    with pytest.raises(NotPossible, match="no address"):
        by(with_name, lambda act: keep_catalogue.confirm_addresses(act, NAME, frozenset()))


def test_no_answer_is_no_drift_and_keeps_no_other_name_waiting(with_name: Parties) -> None:
    """It is told, so that all of it is asked again within the hour."""
    hold(with_name, make_entry(**NIC | {"name": OTHER}))

    with pytest.raises(NotResolved, match=NAME):
        look(with_name, ns2_nic_tj=THERE)

    assert (held(with_name).drifted_at, held(with_name).looked_at) == (None, None)
    assert held(with_name, OTHER).drifted_at == with_name.now


def test_the_worker_asks_again_within_the_hour_where_nobody_answered(with_name: Parties) -> None:
    resolver = MemoryResolver({})
    tasks = tasks_of(with_name, looking(resolver))
    asked = []
    for _ in range(60):
        run_due(with_name.transaction, with_name.clock, tasks, worker="a")
        asked.append(len(resolver.asked))
        if asked[-1] == 2:
            resolver.known[NAME] = HERE
        with_name.clock.advance(HOUR_S)

    begun = asked.index(2)
    assert asked[begun - 1] == 1
    assert asked[begun + 1] == 3
    assert asked[begun + 20] - asked[begun + 2] <= 1, "once it is known it is known for the day"
    assert held(with_name).looked_at is not None


def test_where_a_name_leads_is_pinned_when_a_party_confirms_it_first(parties: Parties) -> None:
    """Nothing was pinned: there is nothing that it could have drifted from, and nothing is measured."""
    hold(parties, make_entry(**NIC | {"pinned_addresses": frozenset()}))
    agreement_id = parties.agree(CARD)
    assert parties.intend(agreement_id)[1].reason is Reason.TARGET_NOT_PINNED

    assert look(parties, ns1_nic_tj=HERE).drifted == ()
    assert parties.intend(agreement_id)[1].reason is Reason.TARGET_NOT_PINNED
    by(parties, lambda act: keep_catalogue.confirm_addresses(act, NAME, HERE))

    assert parties.intend(agreement_id)[1].is_permitted


def test_k_root_and_addresses_and_networks_are_asked_of_nobody(parties: Parties) -> None:
    hold(parties, make_entry(name="192.0.2.1"))
    hold(parties, make_entry(name="as24722"))

    assert look(parties) == Looked(0, ())


def test_only_a_party_says_that_a_name_is_right_to_lead_elsewhere(with_name: Parties) -> None:
    """Not whoever has the machine; also not by saying all of the target afresh."""
    look(with_name, ns1_nic_tj=THERE)
    entry = make_entry(**NIC | {"pinned_addresses": THERE})
    with writing(with_name.engine) as connection:
        machine = Acting(connection, MACHINE, with_name.now)
        with pytest.raises(NotPermitted):
            keep_catalogue.confirm_addresses(machine, NAME, THERE)
        assert keep_catalogue.put_target(machine, entry).drifted_at is not None
    by(with_name, lambda act: keep_catalogue.put_target(act, entry._replace(pinned_addresses=HERE)))
    assert held(with_name).drifted_at is not None, "it does not lead there"

    by(with_name, lambda act: keep_catalogue.put_target(act, entry))

    assert held(with_name).drifted_at is None


def test_what_an_owner_said_stays_when_the_entry_is_said_afresh(with_name: Parties) -> None:
    letter = Consent("letter 8", with_name.now, with_name.now + 90 * DAY_S)
    with_name.consents(NAME, letter)
    by(with_name, lambda act: keep_catalogue.note_notice(act, NAME, "mail of 1 December"))
    by(with_name, lambda act: keep_catalogue.opt_out(act, NAME))
    before = held(with_name)

    by(with_name, lambda act: keep_catalogue.put_target(act, make_entry(**NIC | {"pinned_addresses": frozenset()})))

    assert held(with_name) == before
    assert (before.consent, before.notified_at, before.opted_out_at) == (letter, with_name.now, with_name.now)


@pytest.mark.parametrize("publicness", [Publicness.BY_CONSENT, Publicness.PUBLIC_SERVICE])
def test_an_owner_that_is_no_party_is_asked_or_told_first(with_name: Parties, publicness: Publicness) -> None:
    hold(with_name, make_entry(**NIC | {"publicness": publicness}))
    agreement_id = with_name.agree(CARD)
    refused = with_name.intend(agreement_id)[1].reason

    with_name.consents(NAME, Consent("letter 8", with_name.now, with_name.now + 90 * DAY_S))
    consented = with_name.intend(agreement_id)[1].reason
    by(with_name, lambda act: keep_catalogue.note_notice(act, NAME, "mail of 1 December"))
    told = with_name.intend(agreement_id)[1].reason

    is_asked = publicness is Publicness.BY_CONSENT
    assert refused is (Reason.OWNER_NOT_ASKED if is_asked else Reason.OWNER_NOT_NOTIFIED)
    assert consented is (Reason.AGREED if is_asked else Reason.OWNER_NOT_NOTIFIED)
    assert told is Reason.AGREED


@pytest.mark.parametrize("way", ["opt_out", "withdraw_consent"])
def test_the_worker_stops_what_an_owner_does_not_want_any_more(with_name: Parties, way: str) -> None:
    """Within minutes, where a working day was promised, and although RIPE Atlas is away for a moment."""
    letter = Consent("letter 8", 0, None)
    hold(with_name, make_entry(**NIC | {"publicness": Publicness.BY_CONSENT, "consent": letter}))
    agreement_id = with_name.agree(CARD)
    atlas_id = with_name.atlas_id(with_name.dispatched(agreement_id)) or 0
    tasks = tasks_of(with_name)
    with_name.clock.sleep(run_due(with_name.transaction, with_name.clock, tasks, worker="a"))
    assert not with_name.atlas.measurement(atlas_id).status.is_final

    by(with_name, lambda act: getattr(keep_catalogue, way)(act, NAME))
    said_at = with_name.now
    with_name.atlas.fail_next("stop", AWAY)

    while not with_name.atlas.measurement(atlas_id).status.is_final:
        assert with_name.now - said_at <= 2 * DECIDE_EVERY_S
        with_name.clock.sleep(run_due(with_name.transaction, with_name.clock, tasks, worker="a"))
    refused = with_name.intend(agreement_id)[1].reason
    assert refused is (Reason.OWNER_OPTED_OUT if way == "opt_out" else Reason.OWNER_CONSENT_OVER)
    if way == "withdraw_consent":
        with pytest.raises(NotPossible, match="no consent"):
            by(with_name, lambda act: keep_catalogue.withdraw_consent(act, NAME))


def test_a_consent_says_by_what_and_ends_after_it_begins(with_name: Parties) -> None:
    for letter, place in ((Consent(" ", NOW, None), "/reference"), (Consent("letter", NOW, NOW), "/until_at")):
        with pytest.raises(InvalidContent, match=place):
            by(with_name, lambda act, said=letter: keep_catalogue.record_consent(act, NAME, said))  # type: ignore[misc]  # mypy gives a lambda's default no type
    with pytest.raises(InvalidContent, match="/reference"):
        by(with_name, lambda act: keep_catalogue.note_notice(act, NAME, ""))
    nowhere = make_entry(name=OTHER, owner_party=None, pinned_addresses=frozenset({"here"}))
    with pytest.raises(InvalidContent, match="/pinned_addresses"):
        by(
            with_name,
            lambda act: keep_catalogue.put_target(act, nowhere),
        )
    with pytest.raises(NotFound):
        by(with_name, lambda act: keep_catalogue.opt_out(act, OTHER))


def test_of_operators_that_were_not_asked_a_caution_is_given_with_the_decision(parties: Parties) -> None:
    agreement_id = parties.agree()
    parties.intend(agreement_id)
    network = make_entry(name="as24722", owner_party=None, is_tajik=True)
    hold(parties, network)

    with reading(parties.engine) as connection:
        acting = parties.acting(connection, Party.RIPE_NCC)
        [decided] = decision_entries(acting, agreement_id, Label.REHEARSED)["dispatches"]
    by(parties, lambda act: keep_catalogue.opt_out(act, "as24722"))

    assert decided["is_permitted"]
    assert [one["caution"] for one in decided["cautions"]] == [Caution.NETWORKS_UNKNOWN]
    assert parties.intend(agreement_id)[1].reason is Reason.NETWORK_OPTED_OUT
