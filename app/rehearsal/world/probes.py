"""The probes: where they stand, in which network, with which firmware, and since when they are connected or not."""

from dataclasses import dataclass
from enum import Enum

from app.rehearsal.contract import FIRST_PROBE_ID
from app.rehearsal.world import networks
from app.rehearsal.world.geography import PLACES, Place
from app.rehearsal.world.networks import IPV4, OPERATOR, Operator

FIRMWARE = (5120, 5080, 5120, 4790, 5020, 5120, 5080, 4610)
"""Generations of the result format, as they are handed out to probes in turn."""
MEASUREMENT_CODE = {5020: "2.2.1", 5080: "2.6.2", 5120: "2.6.4"}
"""Version of the measurement code (`mver`), which older firmware does not tell."""
FIRST_HOST = 20
HOSTS_APART = 4


class Life(Enum):
    """What a probe is on the platform in the long run; short outages come on top."""

    WORKING = 1
    DISCONNECTED = 2
    ABANDONED = 3
    NEVER = 0


@dataclass(frozen=True, slots=True)
class Vantage:
    """A probe, as far as its results depend on it."""

    id: int
    operator: Operator
    town: str
    firmware: int
    has_ipv6: bool
    is_anchor: bool
    is_behind_nat: bool
    life: Life
    address_v4: str
    address_v6: str

    @property
    def place(self) -> Place:
        """Where it stands."""
        return PLACES[self.town]

    def has(self, address_family: int) -> bool:
        """Whether it can send packets of this family."""
        return address_family == IPV4 or self.has_ipv6

    def seen_as(self, address_family: int) -> str:
        """The address that others see: `from` of its results."""
        return self.address_v4 if address_family == IPV4 else self.address_v6

    def own_address(self, address_family: int) -> str:
        """The address on its own wire: `src_addr` of its results."""
        if address_family != IPV4:
            return self.address_v6
        return f"192.168.{self.id % 200}.{10 + self.id % 9}" if self.is_behind_nat else self.address_v4

    def gateway_address(self, address_family: int) -> str:
        """The address of the router at home; empty for a probe that stands in a rack."""
        if not self.is_behind_nat:
            return ""
        if address_family != IPV4:
            return self.address_v6.removesuffix("1") + "fffe"
        return f"192.168.{self.id % 200}.1"


SETTLEMENT = (
    # AS, towns of its probes in turn, number of probes
    (64496, ("dyu",), 2),
    (64497, ("dyu", "dyu", "kqt"), 5),
    (64498, ("dyu", "lbd", "tju"), 4),
    (64499, ("lbd", "dyu"), 3),
    (64500, ("kqt", "dyu"), 3),
    (64501, ("dyu",), 2),
    (64502, ("khg",), 1),
    (64503, ("fru",), 3),
    (64504, ("ast", "ala"), 3),
    (64505, ("pwq",), 1),
    (64506, ("tas",), 3),
    (64507, ("kbl",), 2),
    (64508, ("led",), 2),
    (64509, ("mow",), 2),
    (64510, ("fra",), 4),
    (64511, ("ams",), 3),
    (64512, ("lon",), 2),
    (64513, ("nyc", "mia"), 2),
    (64514, ("ist",), 1),
)
"""48 probes, 20 of them in Tajikistan."""

ANCHORED = (64496, 64503, 64504, 64506, 64508, 64510, 64511)
"""Networks whose first probe is an anchor."""
LIVES = {
    9_100_006: Life.ABANDONED,
    9_100_013: Life.DISCONNECTED,
    9_100_016: Life.NEVER,
    9_100_028: Life.ABANDONED,
    9_100_031: Life.DISCONNECTED,
    9_100_042: Life.NEVER,
}
"""Probes that are there on paper only."""


def settle() -> dict[int, Vantage]:
    """Every probe by id, in order."""
    vantages: dict[int, Vantage] = {}
    for asn, towns, count in SETTLEMENT:
        for turn in range(count):
            probe_id = FIRST_PROBE_ID + len(vantages)
            vantages[probe_id] = _settle_one(probe_id, OPERATOR[asn], towns[turn % len(towns)], turn)
    return vantages


def _settle_one(probe_id: int, operator: Operator, town: str, turn: int) -> Vantage:
    is_anchor = turn == 0 and operator.asn in ANCHORED
    host = FIRST_HOST + HOSTS_APART * turn
    return Vantage(
        id=probe_id,
        operator=operator,
        town=town,
        firmware=FIRMWARE[0] if is_anchor else FIRMWARE[probe_id % len(FIRMWARE)],
        has_ipv6=operator.has_ipv6 and (is_anchor or probe_id % 3 != 0),
        is_anchor=is_anchor,
        is_behind_nat=not is_anchor and probe_id % 4 != 1,
        life=LIVES.get(probe_id, Life.WORKING),
        address_v4=networks.address(operator.asn, 4, host),
        address_v6=networks.address(operator.asn, 6, host),
    )
