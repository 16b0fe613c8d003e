"""Is this Tajik? By which fact; and where nobody can know, that is said."""

import pytest

from measurements.agreements.listings import Lister, assemble, networks, originated, registered
from measurements.agreements.lookup import Verdict, judge, read_asked
from measurements.agreements.scope import FRESH_S

NOW = 1_795_500_000
LISTINGS = [
    registered(["198.51.100.0/24", "2001:db8::/32"], Lister.RIPESTAT, NOW),
    registered(["198.51.100.0/25", "2001:db8::/32"], Lister.RIR, NOW - 400 * 86_400),
    networks([48887, 47139], Lister.RIPESTAT, NOW),
    originated(48887, ["192.0.2.0/24", "198.51.100.0/26"], Lister.RIPESTAT, NOW),
    originated(47139, [], Lister.RIPESTAT, NOW),
    originated(64999, ["203.0.113.0/24"], Lister.RIPESTAT, NOW),
]


def ask(text: str, now: int = NOW, n_listings: int = len(LISTINGS)) -> Verdict:
    held = LISTINGS[:n_listings]
    return judge(read_asked(text), held, assemble(held), now)


def facts(verdict: Verdict) -> list[tuple[str, str, int | None]]:
    return [(match.listing.listed_by.value, match.fact.value, match.fact.origin_asn) for match in verdict.matches]


def test_an_address_is_tajik_by_every_fact_that_says_so() -> None:
    verdict = ask("198.51.100.9")

    assert verdict.is_tajik is True
    assert verdict.why == "registered in Tajikistan and announced by a network that is registered in Tajikistan"
    assert verdict.organisation is not None
    assert not verdict.organisation.startswith("as")
    assert facts(verdict) == [
        ("ripestat", "198.51.100.0/24", None),
        ("rir", "198.51.100.0/25", None),
        ("ripestat", "198.51.100.0/26", 48887),
    ]


@pytest.mark.parametrize(
    ("text", "is_tajik"),
    [
        ("198.51.100.200", True),
        ("192.0.2.77", True),
        ("192.0.2.0/23", True),
        ("192.0.0.0/8", True),
        (" 2001:db8:1::/48 ", True),
        ("2001:db9::1", False),
        ("203.0.113.1", False),
        ("AS48887", True),
        ("as47139", True),
        ("48887", True),
        ("AS64999", False),
        ("ns1.tj", True),
        ("TJ.", True),
        ("k-root", False),
        ("2001:7fd::1", False),
        ("tj.example", None),
        ("", None),
    ],
)
def test_verdicts(text: str, is_tajik: bool | None) -> None:  # noqa: FBT001 - a parameter
    """A network of another country is not Tajik, nor what it announces; a name is Tajik under .tj only."""
    verdict = ask(text)

    assert verdict.is_tajik is is_tajik
    assert verdict.why


def test_as_long_as_a_listing_is_missing_nothing_is_not_tajik() -> None:
    """But what is listed is Tajik already."""
    assert ask("203.0.113.1", n_listings=2).is_tajik is None
    assert "nobody has brought yet the networks registered in TJ" in ask("AS64999", n_listings=2).why
    assert "what AS47139 announces" in ask("203.0.113.1", n_listings=3).why
    assert ask("k-root", n_listings=2).is_tajik is None
    assert ask("198.51.100.9", n_listings=2).is_tajik is True


def test_what_is_old_says_nothing_of_what_is_not_listed() -> None:
    assert ask("203.0.113.1", NOW + FRESH_S).is_tajik is False
    late = ask("203.0.113.1", NOW + FRESH_S + 1)

    assert late.is_tajik is None
    assert "older than 30 days" in late.why
    assert ask("198.51.100.9", NOW + FRESH_S + 1).is_tajik is True
