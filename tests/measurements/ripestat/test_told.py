"""What answers and files list as Tajik: each known shape, and a reason for every other."""

from typing import Any

import orjson
import pytest

from measurements.agreements.listings import FactKind, Lister, Listing
from measurements.errors import UnreadableObject
from measurements.ripestat.failures import ServerFailed
from measurements.ripestat.told import Said, read_told
from tests.measurements.ripestat.envelopes import announced, country, envelope

FEBRUARY = 1_769_904_000
LISTS = {"ipv4": ["198.51.100.0/24"], "ipv6": ["2001:db8::/32"]}
REPUBLISHED: dict[str, Any] = {
    "note": "republished", "source": "https://stat.ripe.net/data/country-resource-list/data.json?resource=TJ",
    "last_update": "2026-05-31 02:13:31 UTC", **LISTS,
}  # fmt: skip
DELEGATED: dict[str, Any] = {
    "country": "Tajikistan",
    "countryCode": "TJ",
    "exportMode": "aggregated",
    "prefixes": LISTS,
}
TAJIK = Said("TJ")
SAID = Said("tj", FEBRUARY)


def brief(listing: Listing) -> tuple[str, str, str, int, list[str], bool]:
    values = sorted(fact.value for fact in listing.facts)
    return (
        listing.kind.value, listing.about, listing.listed_by.value, listing.observed_at, values, listing.is_complete,
    )  # fmt: skip


def test_an_answer_about_a_country_lists_prefixes_and_networks() -> None:
    told = read_told(country(), TAJIK)

    both = ["198.51.100.0/24", "2001:db8::/32"]
    assert [brief(listing) for listing in told.listings] == [
        ("registered_prefix", "TJ", "ripestat", 1_795_305_600, both, True),
        ("asn", "TJ", "ripestat", 1_795_305_600, ["AS64500"], True),
    ]
    assert told.query_id == "20261124080000-test"


def test_an_answer_about_a_network_lists_what_it_announces_which_may_be_nothing() -> None:
    [listing] = read_told(announced("192.0.2.0/24"), Said()).listings
    [nothing] = read_told(announced(), Said()).listings

    assert brief(listing) == ("originated_prefix", "AS64500", "ripestat", 1_795_478_400, ["192.0.2.0/24"], True)
    assert [fact.origin_asn for fact in listing.facts] == [64500]
    assert (nothing.facts, nothing.is_complete) == (frozenset(), True)


@pytest.mark.parametrize(
    ("resources", "complete"),
    [
        ({"asn": []}, {FactKind.REGISTERED_PREFIX: True, FactKind.ASN: False}),
        ({"ipv4": []}, {FactKind.REGISTERED_PREFIX: False, FactKind.ASN: True}),
        ({"ipv6": []}, {FactKind.REGISTERED_PREFIX: False, FactKind.ASN: True}),
        ({"asn": [], "ipv4": [], "ipv6": []}, {FactKind.REGISTERED_PREFIX: False, FactKind.ASN: False}),
    ],
)
def test_a_country_without_some_of_each_is_no_whole_list(
    resources: dict[str, Any], complete: dict[FactKind, bool]
) -> None:
    told = read_told(country(**resources), TAJIK)

    assert {listing.kind: listing.is_complete for listing in told.listings} == complete


def test_a_republished_list_is_dated_by_its_own_word() -> None:
    [listing] = read_told(REPUBLISHED, SAID).listings

    assert (listing.kind, listing.listed_by, listing.observed_at) == (
        FactKind.REGISTERED_PREFIX, Lister.RIPESTAT, 1_780_193_611,
    )  # fmt: skip


def test_delegations_are_dated_by_whoever_hands_them_in() -> None:
    [listing] = read_told(DELEGATED, Said(observed_at=FEBRUARY)).listings

    assert (listing.kind, listing.listed_by, listing.observed_at) == (
        FactKind.REGISTERED_PREFIX, Lister.RIR, FEBRUARY,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("document", "said", "reason"),
    [
        (country(), Said(), "does not say of which country"),
        (country(), Said("KZ"), "about KZ; only what is registered in TJ"),
        (DELEGATED | {"countryCode": "KZ"}, SAID, "about KZ"),
        (DELEGATED, Said("KZ", FEBRUARY), "country"),
        (DELEGATED, TAJIK, "--observed"),
        (REPUBLISHED | {"source": REPUBLISHED["source"].replace("TJ", "KG")}, TAJIK, "about KG"),
        (REPUBLISHED | {"source": "https://stat.ripe.net/data/bgp-state/data.json?resource=TJ"}, TAJIK, "source"),
        (REPUBLISHED | {"last_update": "yesterday"}, TAJIK, "no instant"),
        (REPUBLISHED | {"last_update": "2026-05-31 02:13:31"}, TAJIK, "no instant of a time zone"),
        (REPUBLISHED | {"last_update": None}, TAJIK, "--observed"),
        (REPUBLISHED | {"ipv4": ["198.51.100.1/24"]}, TAJIK, "no prefix"),
        (REPUBLISHED | {"ipv4": None}, TAJIK, "this is none of them"),
        (envelope("as-overview", {"holder": "somebody"}), TAJIK, "as-overview does not list what is Tajik"),
        (envelope("", {}), TAJIK, "does not list"),
        ({}, TAJIK, "this is none of them"),
        ([1], TAJIK, "this is none of them"),
        (None, TAJIK, "this is none of them"),
    ],
)
def test_every_other_is_refused_with_its_reason(document: Any, said: Said, reason: str) -> None:
    with pytest.raises(UnreadableObject, match=reason):
        read_told(document, said)


def test_a_question_that_was_not_answered_lists_nothing() -> None:
    with pytest.raises(ServerFailed):
        read_told(envelope("announced-prefixes", {"prefixes": []}, status="maintenance"), TAJIK)


@pytest.mark.parametrize("document", [country(), announced("192.0.2.0/24"), REPUBLISHED, DELEGATED])
def test_the_whole_document_is_kept_with_what_it_lists(document: dict[str, Any]) -> None:
    assert orjson.loads(read_told(document, SAID).body) == document
