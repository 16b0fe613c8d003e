"""The terms and conditions of the RIPE NCC's services: which version was accepted, by whom and when.

Whoever has anything measured at RIPE Atlas does so under its terms. A rehearsal has none.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.parties import Party


class Service(StrEnum):
    """A service that has terms."""

    RIPE_ATLAS = "ripe_atlas"
    RIPESTAT = "ripestat"

    @property
    def full_name(self) -> str:
        """As it calls itself."""
        return _NAMES[self]


_NAMES = {Service.RIPE_ATLAS: "RIPE Atlas", Service.RIPESTAT: "RIPEstat"}


class Acceptance(NamedTuple):
    """Somebody's word that it accepts a version of a service's terms."""

    acceptance_id: int
    service: Service
    version: str
    """Its number or date, as the terms call themselves."""
    address: str
    """Where they were read."""
    sha256: str | None
    """Of the text that was read, in hexadecimal digits, lower case; None where nobody kept it."""
    person_id: int
    party: Party | None
    """On whose behalf; None for whoever runs the service."""
    accepted_at: int


def are_accepted(acceptances: Iterable[Acceptance], service: Service, now: int) -> bool:
    """Whether anybody accepted a service's terms by an instant."""
    return any(one.service is service and one.accepted_at <= now for one in acceptances)
