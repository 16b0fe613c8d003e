"""Who may see what is held: the parties as agreed, everybody once it is released, auditors always."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measurements.agreements.agreement import Agreement, Cause, Narrowing, Suspension, Withdrawal
from measurements.agreements.card import CardDataClass
from measurements.agreements.parties import Party
from measurements.agreements.people import Caller, Person, Role, Scope, usable_scopes
from measurements.agreements.release import (
    Detail,
    Ground,
    Held,
    Ruling,
    Terms,
    Viewer,
    decide_release,
    released_at,
    terms_of,
)
from measurements.units import DAY_S
from tests.measurements.agreements.making import DESIGNATIONS, NOW, make_card, make_version

AGREED = Held(CardDataClass.AGREED_COLLECTION, 1)
TERMS = Terms(frozenset({Party.RIPE_NCC}), 7 * DAY_S, 5, 3, (), None)
NOBODY = Viewer(None)
WEEK_AGO = NOW - 7 * DAY_S


def who(role: Role, party: Party | None = None, *scopes: Scope) -> Viewer:
    """Somebody, with a key that is good for all that the role may unless it is said for what."""
    return Viewer(Caller(Person(1, "-", "-", party, role), frozenset(scopes) or usable_scopes(role), None))


def ruling(viewer: Viewer, detail: Detail = Detail.PROBE, until_at: int | None = None, **changes: object) -> Ruling:
    """What is said to somebody of what is agreed on, with some terms changed."""
    return decide_release(AGREED, detail, TERMS._replace(**changes), viewer, NOW, until_at)  # type: ignore[arg-type] # by name


VIEWERS = st.builds(
    lambda role, party, scopes: Viewer(Caller(Person(1, "-", "-", party, role), scopes, None)),
    st.sampled_from(Role), st.sampled_from([None, *Party]), st.frozensets(st.sampled_from(Scope)),
) | st.just(NOBODY)  # fmt: skip
INSTANTS = st.integers(NOW - 30 * DAY_S, NOW + 30 * DAY_S)
DISPUTES = st.lists(
    st.tuples(INSTANTS, st.integers(0, 20 * DAY_S) | st.none()).map(
        lambda one: (one[0], None if one[1] is None else one[0] + one[1])
    ),
    max_size=4,
).map(lambda found: tuple(sorted(found, key=lambda one: one[0])))
CARD_TERMS = st.builds(
    Terms, st.frozensets(st.sampled_from(Party)), st.integers(0, 20).map(lambda n: n * DAY_S), st.integers(1, 20),
    st.integers(1, 9), DISPUTES, INSTANTS | st.none(),
)  # fmt: skip
HELD = st.builds(Held, st.sampled_from([None, *CardDataClass]), st.none() | st.just(1))


@pytest.mark.acceptance("agreement.3")
@given(HELD, CARD_TERMS | st.none(), VIEWERS, INSTANTS)
def test_values_of_probes_are_for_readers_that_the_card_names_and_auditors(
    held: Held, terms: Terms | None, viewer: Viewer, now: int
) -> None:
    """Told anew, in one sentence."""
    person = viewer.caller and viewer.caller.person
    can_read = viewer.caller is not None and Scope.READ in viewer.caller.scopes
    is_named = (
        person is not None and terms is not None and held.agreement_id == 1 and held.data_class is not None
        and person.party in terms.readers and person.role in (Role.ANALYST, Role.REPRESENTATIVE)
    )  # fmt: skip
    is_auditor = person is not None and person.role is Role.AUDITOR
    expected = held == Held(CardDataClass.PUBLIC, None) or (can_read and (is_named or is_auditor))

    assert decide_release(held, Detail.PROBE, terms, viewer, now).is_given is expected


@given(HELD, CARD_TERMS | st.none(), VIEWERS, INSTANTS, INSTANTS)
def test_whoever_sees_values_of_probes_sees_figures_too(
    held: Held, terms: Terms | None, viewer: Viewer, now: int, until_at: int
) -> None:
    """A figure tells less."""
    if decide_release(held, Detail.PROBE, terms, viewer, now).is_given:
        assert decide_release(held, Detail.AGGREGATE, terms, viewer, now, until_at).is_given


@given(CARD_TERMS, INSTANTS, st.integers(0, 100 * DAY_S), VIEWERS)
def test_what_was_released_stays_so_whatever_happens_later(
    terms: Terms, until_at: int, later: int, viewer: Viewer
) -> None:
    """To whoever asks; a dispute that begins afterwards, and a withdrawal, change nothing."""
    at = released_at(terms, until_at)
    if at is None:
        return
    more = terms._replace(disputes=(*terms.disputes, (at + later + 1, None)), withdrawn_at=at + later + 1)
    for one in (terms, more._replace(disputes=tuple(sorted(more.disputes, key=lambda dispute: dispute[0])))):
        assert decide_release(AGREED, Detail.AGGREGATE, one, viewer, at + later, until_at).is_given
    assert at >= until_at + terms.embargo_s


@given(CARD_TERMS, INSTANTS, INSTANTS)
def test_nothing_is_released_in_a_dispute_or_after_a_withdrawal(terms: Terms, until_at: int, now: int) -> None:
    """At the very instant of its release none is under way."""
    given_now = decide_release(AGREED, Detail.AGGREGATE, terms, NOBODY, now, until_at)
    at = released_at(terms, until_at)
    assert given_now.is_given is (at is not None and at <= now)
    if at is not None:
        assert not any(start <= at and (end is None or at < end) for start, end in terms.disputes)
        assert terms.withdrawn_at is None or at < terms.withdrawn_at


@given(HELD, st.sampled_from(Detail), CARD_TERMS | st.none(), VIEWERS, INSTANTS, INSTANTS | st.none())
def test_a_ground_says_either_that_something_is_seen_or_that_it_is_not(
    held: Held, detail: Detail, terms: Terms | None, viewer: Viewer, now: int, until_at: int | None
) -> None:
    """No ground stands for both."""
    said = decide_release(held, detail, terms, viewer, now, until_at)
    seen = {
        Ground.PUBLIC, Ground.RELEASED, Ground.OF_A_PARTY, Ground.NAMED_READER, Ground.AUDITING, Ground.HAS_THE_MACHINE,
    }  # fmt: skip
    assert said.is_given is (said.ground in seen)
    assert decide_release(held, detail, terms, Viewer(None, has_machine=True), now, until_at).is_given


@pytest.mark.parametrize(
    ("viewer", "ground"),
    [
        (NOBODY, Ground.KEY_MISSING),
        (who(Role.READER, Party.RIPE_NCC), Ground.ROLE_OR_KEY_MAY_NOT),
        (who(Role.ADMINISTRATOR), Ground.ROLE_OR_KEY_MAY_NOT),
        (who(Role.ANALYST, Party.RIPE_NCC, Scope.REQUEST), Ground.ROLE_OR_KEY_MAY_NOT),
        (who(Role.ANALYST), Ground.OF_NO_PARTY),
        (who(Role.REPRESENTATIVE, Party.TOJIKTELECOM), Ground.PARTY_NOT_NAMED),
        (who(Role.ANALYST, Party.RIPE_NCC), Ground.NAMED_READER),
        (who(Role.AUDITOR), Ground.AUDITING),
        (Viewer(None, has_machine=True), Ground.HAS_THE_MACHINE),
    ],
)
def test_values_of_probes(viewer: Viewer, ground: Ground) -> None:
    """Each ground by a case of its own."""
    assert ruling(viewer).ground is ground


@pytest.mark.parametrize(
    ("changes", "until_at", "ground"),
    [
        ({}, WEEK_AGO, Ground.RELEASED),
        ({}, WEEK_AGO + 1, Ground.UNDER_EMBARGO),
        ({}, None, Ground.UNDER_EMBARGO),
        ({"disputes": ((NOW - 1, None),)}, WEEK_AGO, Ground.IN_DISPUTE),
        ({"disputes": ((NOW, None),)}, WEEK_AGO - 1, Ground.RELEASED),
        ({"disputes": ((NOW - 9, NOW - 1),)}, WEEK_AGO - 2, Ground.RELEASED),
        ({"withdrawn_at": NOW}, WEEK_AGO, Ground.WITHDRAWN),
        ({"withdrawn_at": NOW}, WEEK_AGO - 1, Ground.RELEASED),
    ],
)
def test_figures(changes: dict[str, object], until_at: int | None, ground: Ground) -> None:
    """Who is of no party, and a reader of one, see them from their release on; who works for a party at once."""
    for viewer in (NOBODY, who(Role.READER, Party.RIPE_NCC), who(Role.ANALYST), who(Role.ADMINISTRATOR)):
        assert ruling(viewer, Detail.AGGREGATE, until_at, **changes).ground is ground
    for role, party in product((Role.ANALYST, Role.REPRESENTATIVE), Party):
        assert ruling(who(role, party), Detail.AGGREGATE, until_at, **changes).ground is Ground.OF_A_PARTY


def test_what_may_not_be_held_or_was_not_agreed_on() -> None:
    """A party's own is never released; without an agreement nobody says who may see it."""
    analyst = who(Role.ANALYST, Party.RIPE_NCC)
    provided = Held(CardDataClass.PARTY_PROVIDED, 1)
    assert decide_release(provided, Detail.AGGREGATE, TERMS, NOBODY, NOW, 0).ground is Ground.NEVER_RELEASED
    assert decide_release(provided, Detail.AGGREGATE, TERMS, analyst, NOW, 0).ground is Ground.OF_A_PARTY
    assert decide_release(Held(None, 1), Detail.AGGREGATE, TERMS, analyst, NOW, 0).ground is Ground.FORBIDDEN
    for held in (AGREED, provided, Held(CardDataClass.PUBLIC, 1)):
        assert decide_release(held, Detail.PROBE, None, analyst, NOW).ground is Ground.WITHOUT_AGREEMENT
    alone = Held(CardDataClass.RIPE_NCC_MANAGED, None)
    assert decide_release(alone, Detail.PROBE, TERMS, analyst, NOW).ground is Ground.WITHOUT_AGREEMENT


def test_the_terms_are_the_strictest_of_all_cards_that_hold() -> None:
    """Narrowed by one party; a suspension for want of resources holds nothing back."""
    card = make_card(probe_level_readers=["ripe_ncc", "tojiktelecom"])
    narrower = make_card(probe_level_readers=["tojiktelecom"], publication={"embargo_days": 9, "min_probes": 8})
    agreement = Agreement(
        1,
        (make_version(card),),
        (
            Suspension(Cause.DISPUTE, Party.RIPE_NCC, NOW - 5, NOW - 3),
            Suspension(Cause.RESOURCES, Party.RIPE_NCC, NOW - 2, None),
        ),
        (Withdrawal(Party.RIPE_NCC, NOW + 10),),
        (Narrowing(narrower, Party.TOJIKTELECOM, NOW - 1),),
    )
    both = frozenset({Party.RIPE_NCC, Party.TOJIKTELECOM})
    dispute = ((NOW - 5, NOW - 3),)

    assert terms_of(agreement, DESIGNATIONS, NOW - 2) == Terms(both, 7 * DAY_S, 5, 3, dispute, None)
    assert terms_of(agreement, DESIGNATIONS, NOW) == Terms(
        frozenset({Party.TOJIKTELECOM}), 9 * DAY_S, 8, 3, dispute, None
    )
    withdrawn = terms_of(agreement, DESIGNATIONS, NOW + 10)
    assert withdrawn is not None
    assert withdrawn.withdrawn_at == NOW + 10
    assert terms_of(agreement._replace(versions=(make_version(card, votes=()),)), DESIGNATIONS, NOW) is None


def test_every_ground_is_explained() -> None:
    """In a sentence of its own."""
    assert len({ground.explanation for ground in Ground}) == len(Ground)
