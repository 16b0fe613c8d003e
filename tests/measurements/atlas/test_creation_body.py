"""What is shown as the body of a creation is what Cousteau posts."""

import httpx
import pytest

from measurements.atlas.calls import Calls
from measurements.atlas.gateway import Plan
from measurements.atlas.payloads import creation_body
from measurements.atlas.transport import Answer, Call
from measurements.definitions.dns import Dns
from measurements.definitions.ping import Ping
from measurements.definitions.traceroute import Traceroute
from measurements.selections import in_country, these_probes

DEFINITIONS = (
    Ping(address_family=4, description="ping", target="193.0.14.129", interval_s=600),
    Traceroute(address_family=6, description="path", target="2001:7fd::1", is_public=False),
    Dns(address_family=4, description="dns", use_probe_resolver=True, query_type="SOA", query_argument="tj."),
)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.type)
@pytest.mark.parametrize("stop_at", [None, 1_800_086_400], ids=["once", "periodic"])
def test_the_body_is_what_cousteau_posts(definition: Ping | Traceroute | Dns, stop_at: int | None) -> None:
    """Word for word, for each type, periodic and once."""
    plan = Plan(
        definitions=(definition,),
        selections=(in_country("TJ", 5, "system-ipv4-works"), these_probes(1, 2)),
        tag="rasad-dispatch-1",
        is_oneoff=stop_at is None,
        start_at=1_800_000_000,
        stop_at=stop_at,
    )
    posted: list[Call] = []

    def send(call: Call) -> Answer:
        posted.append(call)
        return Answer(201, httpx.Headers(), b"{}")

    Calls("http://atlas.example").create(send, plan, "key", plan.start_at)

    assert posted[0].json == creation_body(plan)
