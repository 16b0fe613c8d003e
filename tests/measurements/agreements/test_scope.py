"""Scope agrees with an oracle that was written apart from it, over random targets, probes and names."""

import ipaddress
import random

import pytest

from measurements.agreements.registry import Registry, organisation_of
from measurements.agreements.scope import FRESH_S, Facts, Ground, Subject, examine
from measurements.probes import Snapshot
from measurements.selections import ALL_PROBES, ProbeSelection, SelectedBy, in_country, these_probes

NOW = 1_800_000_000
REGISTERED = ("91.218.160.0/22", "37.98.152.0/21", "2a12:cec0::/32", "45.124.96.0/23")
ORIGINATED = {"91.218.160.0/22": 51346, "37.98.152.0/21": 24722, "109.75.48.0/21": 47139, "109.75.58.0/24": 48887}
ASNS = (51346, 24722, 47139, 48887)
PROBES = {
    1: Snapshot(1, NOW, 51346, None, "TJ"),
    2: Snapshot(2, NOW, 14593, None, "TJ"),  # by satellite
    3: Snapshot(3, NOW, None, 24722, "DE"),
    4: Snapshot(4, NOW, 3333, 3333, "NL"),
    5: Snapshot(5, NOW, 3333, 3333, None),
}
FACTS = Facts(Registry(REGISTERED, ASNS, NOW, ORIGINATED), PROBES, NOW)
ABROAD = (in_country("DE", 5),)


def grounds(subject: Subject, facts: Facts = FACTS) -> tuple[Ground, ...]:
    return examine(subject, facts).grounds


def by(how: SelectedBy, value: str) -> tuple[ProbeSelection, ...]:
    return (ProbeSelection(by=how, value=value, requested=ALL_PROBES),)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        (Subject("k-root", selections=ABROAD), ()),
        (Subject("193.0.14.129", selections=ABROAD), ()),
        (Subject("91.218.160.197", selections=ABROAD), (Ground.TARGET_ADDRESS,)),
        (Subject("109.75.58.9", selections=ABROAD), (Ground.TARGET_ADDRESS,)),  # announced, not registered
        (Subject("2A12:CEC0:0::1", selections=ABROAD), (Ground.TARGET_ADDRESS,)),
        (Subject("ns1.nic.TJ.", ("203.0.113.1",), selections=ABROAD), (Ground.TARGET_NAME,)),
        (Subject("ns1.nic.tj", ("91.218.160.197",)), (Ground.TARGET_ADDRESS, Ground.TARGET_NAME)),
        (Subject("cdn.example", ("91.218.163.255",)), (Ground.TARGET_ADDRESS,)),
        (Subject("cdn.example"), (Ground.TARGET_UNRESOLVED,)),
        (Subject("tj.example", ("203.0.113.1",)), ()),
        (Subject("203.0.113.1", is_tagged_tajik=True), (Ground.TARGET_TAGGED,)),
        (Subject("k-root", names=("gov.tj",)), (Ground.QUERIED_NAME,)),
        (Subject("k-root", names=("tj.",)), (Ground.QUERIED_NAME,)),
        (Subject("k-root", names=(".", "hostname.bind")), ()),
        (Subject(None, selections=ABROAD), ()),
        (Subject("k-root", selections=(in_country("TJ", 5),)), (Ground.SOURCE_COUNTRY,)),
        (Subject("k-root", selections=(*ABROAD, in_country("TJ", 5))), (Ground.SOURCE_COUNTRY,)),
        (Subject("k-root", selections=by(SelectedBy.AREA, "WW")), (Ground.SOURCE_REGION,)),
        (Subject("k-root", selections=by(SelectedBy.REGION, "central_asia")), (Ground.SOURCE_REGION,)),
        (Subject("k-root", selections=by(SelectedBy.REGION, "oceania")), ()),
        (Subject("k-root", selections=by(SelectedBy.ASN, "51346")), (Ground.SOURCE_NETWORK,)),
        (Subject("k-root", selections=by(SelectedBy.ASN, "14593")), (Ground.SOURCE_NETWORK,)),
        (Subject("k-root", selections=by(SelectedBy.ASN, "3333")), ()),
        (Subject("k-root", selections=by(SelectedBy.PREFIX, "91.218.0.0/16")), (Ground.SOURCE_NETWORK,)),
        (Subject("k-root", selections=by(SelectedBy.PREFIX, "192.0.2.0/24")), ()),
        (Subject("k-root", selections=(these_probes(4),)), ()),
        (Subject("k-root", selections=(these_probes(4, 1),)), (Ground.SOURCE_PROBE,)),
        (Subject("k-root", selections=(these_probes(2),)), (Ground.SOURCE_PROBE,)),
        (Subject("k-root", selections=(these_probes(3),)), (Ground.SOURCE_PROBE,)),
        (Subject("k-root", selections=(these_probes(5),)), (Ground.SOURCE_UNKNOWN,)),
        (Subject("k-root", selections=(these_probes(99),)), (Ground.SOURCE_UNKNOWN,)),
        (Subject("k-root", selections=by(SelectedBy.MEASUREMENT, "1001")), (Ground.SOURCE_UNKNOWN,)),
    ],
)
def test_what_is_in_scope_and_why(subject: Subject, expected: tuple[Ground, ...]) -> None:
    assert grounds(subject) == expected


def test_what_was_not_looked_up_lately_counts_as_tajik() -> None:
    subject = Subject("k-root", selections=ABROAD)

    assert grounds(subject, FACTS._replace(registry=None)) == (Ground.REGISTRY_UNKNOWN,)
    assert grounds(subject, FACTS._replace(now=NOW + FRESH_S)) == ()
    assert grounds(subject, FACTS._replace(now=NOW + FRESH_S + 1)) == (Ground.REGISTRY_UNKNOWN,)


@pytest.mark.parametrize("ground", Ground)
def test_every_ground_is_explained(ground: Ground) -> None:
    assert len(ground.explanation) > 20


@pytest.mark.acceptance("agreement.8")
def test_two_networks_of_one_organisation_count_as_one() -> None:
    subject = Subject("109.75.58.1", selections=(*by(SelectedBy.ASN, "47139"), *by(SelectedBy.ASN, "48887")))

    assert examine(subject, FACTS).organisations == {"indigo-tajikistan"}
    assert organisation_of(47139) == organisation_of(48887) != organisation_of(51346)
    assert organisation_of(64500) == "as64500"


# the oracle: plain loops over sets of all that is Tajik, knowing nothing of how scope is worked out
ADDRESSES = [str(ipaddress.ip_network(prefix)[n]) for prefix in (*REGISTERED, *ORIGINATED) for n in (0, 1, -1)]
FOREIGN = [
    "91.218.159.255", "91.218.164.0", "37.98.160.0", "45.124.98.0", "2a12:cec1::", "193.0.14.129", "8.8.8.8", "::1",
]  # fmt: skip
ELSEWHERE = {n: Snapshot(n, NOW, 64_500 + n, None, "UZ") for n in range(100, 112)}
NAMES = [
    ".",
    "example.net",
    "www.example",
    "tj",
    "gov.tj.",
    "GO.TJ",
    "tj.com",
    "atj",
    "example.org",
    "xn--tj",
    "ns.tj.tj",
]


def oracle(target: str, probe_ids: tuple[int, ...], name: str) -> bool:
    address = ipaddress.ip_address(target)
    for prefix in (*REGISTERED, *ORIGINATED):
        network = ipaddress.ip_network(prefix)
        if network.version == address.version and address in network:
            return True
    for probe_id in probe_ids:
        if probe_id not in PROBES:
            return True
        _, _, asn_v4, asn_v6, country = PROBES[probe_id]
        if country in (None, "TJ") or asn_v4 in ASNS or asn_v6 in ASNS:
            return True
    return name.lower().strip(".").split(".")[-1] == "tj"


@pytest.mark.acceptance("agreement.8")
def test_scope_agrees_with_the_oracle_on_ten_thousand_triples() -> None:
    draw = random.Random(20_261_124)  # noqa: S311 - not for secrets
    facts = FACTS._replace(probes=PROBES | ELSEWHERE)
    found = []
    for _ in range(10_000):
        target, name = draw.choice(draw.choice([ADDRESSES, FOREIGN])), draw.choice(NAMES)
        probe_ids = tuple(draw.sample([1, 2, 3, 4, 99, *ELSEWHERE], draw.randint(1, 2)))
        subject = Subject(target, names=(name,), selections=(these_probes(*probe_ids),))
        expected = oracle(target, tuple(one for one in probe_ids if one not in ELSEWHERE), name)

        found.append(examine(subject, facts).is_in_scope)
        assert found[-1] == expected, (target, probe_ids, name)
    assert 3_000 < sum(found) < 8_000
