"""The glossary: every term in every language, none of it empty or twice."""

import re
from collections import Counter

import pytest

from measurements.agreements.glossary import Language, Origin, glossary

ANNEX_I = (
    "RIPE NCC", "Regional Internet Registry (RIR)", "Internet Protocol (IP) address", "Autonomous System Number (ASN)",
    "Domain Name System (DNS)", "K-root", "Resource Public Key Infrastructure (RPKI)", "Routing Integrity",
    "RIPE Atlas", "RIPEstat", "Multihoming", "Peering", "Internet Coordination", "Internet Governance",
    "Digital Governance",
)  # fmt: skip
TERMS = glossary().terms
CYRILLIC, TAJIK = re.compile(r"[А-яЁё]"), re.compile(r"[ҒғӢӣҚқӮӯҲҳҶҷ]")


def test_the_fifteen_terms_of_annex_i_are_there_in_its_order() -> None:
    of_annex = [term.texts[Language.EN].term for term in TERMS if term.origin is Origin.ANNEX_I]

    assert tuple(of_annex) == ANNEX_I


@pytest.mark.parametrize("key", [
    "ipv6", "ris", "authdns", "ixp", "authoritative_server", "registry", "roa", "rtt", "packet_loss", "jitter",
    "traceroute", "anycast", "instance", "probe", "anchor", "median", "percentile", "confidence_interval", "baseline",
    "dnssec", "availability",
])  # fmt: skip
def test_what_the_memorandum_leaves_open_and_briefings_need_is_there(key: str) -> None:
    assert key in {term.key for term in TERMS if term.origin is not Origin.ANNEX_I}


@pytest.mark.parametrize("language", Language)
def test_every_term_is_told_in_every_language_and_once(language: Language) -> None:
    texts = [term.texts[language] for term in TERMS]
    counted = Counter(text.term.casefold() for text in texts) + Counter(text.definition for text in texts)

    assert all(len(text.definition) > 25 for text in texts)
    assert all(text.term.strip() and text.definition.endswith(".") for text in texts)
    assert [text for text, n in counted.items() if n > 1] == []


def test_russian_and_tajik_are_written_in_their_letters() -> None:
    for term in TERMS:
        assert not CYRILLIC.search(" ".join(term.texts[Language.EN]))
        assert CYRILLIC.search(term.texts[Language.RU].definition)
        assert not TAJIK.search(" ".join(term.texts[Language.RU]))
        assert TAJIK.search(term.texts[Language.TG].definition)


def test_what_no_native_speaker_reviewed_is_known() -> None:
    assert glossary().reviewed == {Language.EN}


@pytest.mark.parametrize(("name", "key"), [
    ("k-root", "k_root"), ("K_ROOT", "k_root"), ("RTT", "rtt"), ("Медиана", "median"), ("пиринг", "peering"),
    ("Regional Internet Registry", "rir"), ("packet loss", "packet_loss"),
])  # fmt: skip
def test_a_term_is_found_by_whatever_it_is_called(name: str, key: str) -> None:
    found = glossary().find(name)

    assert found is not None
    assert found.key == key


def test_no_term_is_found_by_another_name() -> None:
    assert glossary().find("address") is None
