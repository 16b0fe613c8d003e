"""Wishes: what a request comes to, one measurement of one target over one address family each."""

import ipaddress
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from measurements.agreements.card import Allowed
from measurements.errors import InvalidContent, InvalidDefinition
from measurements.requests.request import ONCE, Family, Measured, Request
from measurements.targets import K_ROOT, PROBE_RESOLVERS

Parameters = Mapping[str, bool | int | str]
MOST_WISHES = 100
BOTH: tuple[Family, ...] = (4, 6)
_USUAL_OF_DNS: Parameters = {"query_class": "IN", "query_type": "SOA", "set_nsid_bit": True}
"""The beginning of a zone, and which server it was that answered."""
_OF_REQUEST = {"target": "/targets", "address_family": "/address_families", "interval_s": "/every_s"}


class Wish(NamedTuple):
    """One measurement that somebody wants."""

    number: int
    """Which of the request's measurements it is; the first is 0."""
    target: str | None
    """None for DNS queries to the probes' own resolvers."""
    type: str
    address_family: Family
    named: Parameters
    """What matters of it to whoever asks."""
    usual: Allowed
    """What it would be where nothing else was agreed."""

    @property
    def key(self) -> str:
        """By which it is known within its request."""
        return f"{self.number}/{self.address_family}/{self.target or PROBE_RESOLVERS}"

    @property
    def words(self) -> str:
        """As people say it."""
        return f"{self.type} to {self.target or 'the resolvers of the probes'} over IPv{self.address_family}"


def plain_name(text: object) -> str:
    """A domain name as it is compared: in small letters, without the dot at its end (RFC 4343)."""
    return str(text or "").lower().rstrip(".")


def wishes_of(request: Request) -> tuple[Wish, ...]:
    """What a request comes to. Raises `InvalidContent` with the places that make no sense."""
    wishes, problems = list[Wish](), dict[str, str]()
    for (place, target), (number, measured) in _combined(request):
        for family in _families(request, target):
            try:
                wishes.append(_wish(request, target, number, family))
            except InvalidDefinition as error:
                problems.setdefault(_pointer(error, place, number, measured), error.detail)
    if len(wishes) > MOST_WISHES:
        problems["/measurements"] = f"come to {len(wishes)} together with targets and families; at most {MOST_WISHES}"
    if problems:
        raise InvalidContent(list(problems.items()))
    return tuple(wishes)


def within_reach(wishes: Iterable[Wish], request: Request, families: Mapping[str, Collection[int]]) -> tuple[Wish, ...]:
    """Those whose target has an address of their family, as far as anybody knows; all where a request says of which.

    `families`: target -> those of which it has addresses.
    """
    if request.address_families is not None:
        return tuple(wishes)
    return tuple(one for one in wishes if one.address_family in (families.get(one.target or "") or BOTH))


def _combined(request: Request) -> Iterator[tuple[tuple[int, str], tuple[int, Measured]]]:
    for target in enumerate(request.targets):
        for measured in enumerate(request.measurements):
            yield target, measured


def _families(request: Request, target: str) -> tuple[Family, ...]:
    if request.address_families is not None:
        return request.address_families
    try:
        return (4,) if ipaddress.ip_address(target).version == BOTH[0] else (6,)
    except ValueError:
        return BOTH


def _wish(request: Request, target: str, number: int, family: Family) -> Wish:
    measured = request.measurements[number]
    is_of_resolvers = target == PROBE_RESOLVERS
    if is_of_resolvers and measured.type != "dns":
        raise InvalidDefinition("target", f"the probes' own resolvers are asked by dns, and not by {measured.type}")
    usual: dict[str, Any] = {}
    if measured.type == "dns":
        usual = {**_USUAL_OF_DNS, **({"query_argument": "."} if target == K_ROOT.name else {})}
        usual |= {"use_probe_resolver": True, "set_rd_bit": True} if is_of_resolvers else {}
        if "query_argument" not in {*usual, *measured.parameters}:
            raise InvalidDefinition("parameters", "say which name is asked for: query_argument, for example tj.")
    allowed = Allowed.model_construct(
        target=None if is_of_resolvers else target,
        type=measured.type,
        address_family=family,
        parameters={**usual, **measured.parameters},
        interval_s=_interval(request, measured.type),
    )
    allowed.definition()
    return Wish(number, allowed.target, measured.type, family, measured.parameters, allowed)


USUAL_INTERVALS = {"ping": 240, "traceroute": 900, "dns": 240}
"""Of RIPE Atlas."""


def _interval(request: Request, kind: str) -> int | None:
    if request.every_s == ONCE:
        return None
    return USUAL_INTERVALS[kind] if request.every_s is None else int(request.every_s)


def _pointer(error: InvalidDefinition, place: int, number: int, measured: Measured) -> str:
    if error.field == "target":
        return f"/targets/{place}"
    if error.field in _OF_REQUEST:
        return _OF_REQUEST[error.field]
    parameters = f"/measurements/{number}/parameters"
    return f"{parameters}/{error.field}" if error.field in measured.parameters else parameters
