"""Who may do what, by the table and by reason."""

from itertools import product

import pytest

from measurements.agreements.parties import Party
from measurements.agreements.people import (
    TABLE,
    Act,
    Caller,
    Concern,
    Grounds,
    Person,
    Reach,
    Role,
    Scope,
    may,
    usable_scopes,
)

TJ, NCC = Party.TOJIKTELECOM, Party.RIPE_NCC
ALL_SCOPES = frozenset(Scope)


def caller(
    role: Role, party: Party | None = TJ, *, scopes: frozenset[Scope] = ALL_SCOPES, is_designated: bool = True
) -> Caller:
    """Somebody, number 1."""
    return Caller(Person(1, "A", "a@example.net", party, role), scopes, 7 if is_designated else None, 1)


@pytest.mark.parametrize(
    ("who", "act", "concern", "grounds"),
    [
        (caller(Role.REPRESENTATIVE), Act.VOTE, Concern(TJ), Grounds.PERMITTED),
        (None, Act.VOTE, Concern(TJ), Grounds.KEY_MISSING),
        (None, Act.READ_PUBLIC, None, Grounds.PERMITTED),
        (caller(Role.ANALYST), Act.VOTE, Concern(TJ), Grounds.ROLE_MAY_NOT),
        (caller(Role.REPRESENTATIVE, scopes=frozenset({Scope.READ})), Act.VOTE, None, Grounds.SCOPE_MISSING),
        (caller(Role.REPRESENTATIVE, is_designated=False), Act.VOTE, Concern(TJ), Grounds.NOT_DESIGNATED),
        (caller(Role.REPRESENTATIVE), Act.VOTE, Concern(NCC), Grounds.OF_ANOTHER_PARTY),
        (caller(Role.REPRESENTATIVE, None), Act.VOTE, Concern(None), Grounds.OF_ANOTHER_PARTY),
        (caller(Role.ANALYST), Act.ISSUE_KEY, Concern(TJ, 2), Grounds.OF_ANOTHER_PERSON),
        (caller(Role.ANALYST), Act.ISSUE_KEY, Concern(TJ, 1), Grounds.PERMITTED),
        (
            caller(Role.ADMINISTRATOR, None),
            Act.DESIGNATE,
            Concern(TJ, 2, is_represented=True),
            Grounds.PARTY_SPEAKS_FOR_ITSELF,
        ),
        (caller(Role.ADMINISTRATOR, None), Act.DESIGNATE, Concern(TJ, 2), Grounds.PERMITTED),
        (
            caller(Role.ADMINISTRATOR, None),
            Act.END_DESIGNATION,
            Concern(TJ, 2, is_represented=True),
            Grounds.PERMITTED,
        ),
    ],
)
def test_every_answer_has_its_grounds(who: Caller | None, act: Act, concern: Concern | None, grounds: Grounds) -> None:
    permission = may(who, act, concern)

    assert (permission.grounds, permission.is_permitted) == (grounds, grounds is Grounds.PERMITTED)


def test_all_grounds_are_explained() -> None:
    assert all(grounds.explanation for grounds in Grounds)
    assert len({grounds.explanation for grounds in Grounds}) == len(Grounds)


CHANGES = [act for act in Act if TABLE[act].scope in (Scope.SPEAK, Scope.MANAGE)]


@pytest.mark.acceptance("agreement.3")
@pytest.mark.parametrize(
    ("act", "role"), list(product(CHANGES, [role for role in Role if role is not Role.ADMINISTRATOR])), ids=str
)
def test_nobody_changes_anything_of_another_party(act: Act, role: Role) -> None:
    """However good the key and the designation."""
    assert not may(caller(role), act, Concern(NCC, 2)).is_permitted


def _may_at_all(act: Act, role: Role) -> bool:
    return TABLE[act].reach(role) is not Reach.NONE


@pytest.mark.acceptance("agreement.3")
def test_an_administrator_is_no_representative() -> None:
    """Nor does an auditor change anything, nor a reader more than its own keys."""
    assert Scope.SPEAK not in usable_scopes(Role.ADMINISTRATOR)
    assert usable_scopes(Role.AUDITOR) == {Scope.READ}
    assert usable_scopes(Role.READER) == {Scope.READ, Scope.MANAGE}
    assert {act for act in Act if _may_at_all(act, Role.ADMINISTRATOR)} & {Act.VOTE, Act.WITHDRAW} == set()


def test_a_key_is_good_for_no_more_than_it_says() -> None:
    """An act takes exactly one scope, whatever the role."""
    for act, role, scope in product(Act, Role, Scope):
        rule = TABLE[act]
        if _may_at_all(act, role) and rule.scope is not None:
            permission = may(caller(role, scopes=frozenset({scope})), act)
            assert permission.is_permitted is (scope is rule.scope)
