"""Plans that tests dispatch."""

from typing import Any

from measurements.atlas.gateway import Plan
from measurements.definitions.dns import Dns
from measurements.definitions.ping import Ping
from measurements.definitions.traceroute import Traceroute
from measurements.selections import in_country

K_ROOT = "193.0.14.129"
PING = Ping(target=K_ROOT, address_family=4, description="reach of K-root")
TRACEROUTE = Traceroute(target=K_ROOT, address_family=4, description="path to K-root")
DNS = Dns(
    target=K_ROOT,
    address_family=4,
    description="who answers",
    query_class="CHAOS",
    query_type="TXT",
    query_argument="hostname.bind",
    set_nsid_bit=True,
)


def plan(**changed: Any) -> Plan:
    """A ping from two Tajik probes."""
    return Plan(**{"definitions": (PING,), "selections": (in_country("TJ", 2),), "tag": "rasad-test", **changed})
