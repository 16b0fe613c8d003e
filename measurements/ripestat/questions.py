"""The questions that are asked of RIPEstat, and for how long an answer to each kind holds."""

from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.listings import network_name
from measurements.units import DAY_S, HOUR_S, iso

COUNTRY_RESOURCES = "country-resource-list"
ANNOUNCED_PREFIXES = "announced-prefixes"
NETWORK_INFO = "network-info"


class QuestionKind(StrEnum):
    """How soon the world gives another answer."""

    ROUTING = "routing"
    COUNTRY = "country"

    @property
    def holds_s(self) -> int:
        """For how long an answer is not asked for again."""
        return HOUR_S if self is QuestionKind.ROUTING else DAY_S


class Question(NamedTuple):
    """A data call and what it is asked. Who asks is no part of it."""

    kind: QuestionKind
    call: str
    params: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"RIPEstat {self.call} of {dict(self.params)['resource']}"

    @property
    def path(self) -> str:
        """Below RIPEstat's address."""
        return f"/data/{self.call}/data.json"


def of_country(country: str, at: int | None) -> Question:
    """Which resources a country has. Without `v4_format`, ranges come in place of prefixes."""
    time = () if at is None else (("time", iso(at).removesuffix("Z")),)
    return Question(QuestionKind.COUNTRY, COUNTRY_RESOURCES, (("resource", country), ("v4_format", "prefix"), *time))


def of_network(asn: int) -> Question:
    """What a network announces; the last two weeks are what RIPEstat looks at unless told otherwise."""
    return Question(QuestionKind.ROUTING, ANNOUNCED_PREFIXES, (("resource", network_name(asn)),))


def of_address(address: str) -> Question:
    """Who announces an address."""
    return Question(QuestionKind.ROUTING, NETWORK_INFO, (("resource", address),))
