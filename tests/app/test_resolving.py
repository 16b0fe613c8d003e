"""Where names lead: asked of a name server through dnspython, by the worker, and by a rehearsal of nobody outside."""

from collections.abc import Iterator
from threading import Event

import dns.rcode
import pytest
from sqlalchemy import Engine

from app.doors import asks_names, make_resolver
from app.resolving import DnsResolver
from app.settings import Settings, UnusableSettings, load_settings
from app.store.catalogue import find_entry, put_entry
from app.store.engine import reading, writing
from app.worker import Worker
from measurements.agreements.addresses import NotResolved
from measurements.atlas.memory import MemoryAtlas
from measurements.units import HOUR_S, seconds
from tests.clocks import ManualClock
from tests.measurements.agreements.making import make_entry
from tests.naming import NameServer, Zone, naming

ZONE: Zone = {
    "both.example": {"A": ["192.0.2.1", "192.0.2.2"], "AAAA": ["2001:DB8:0::1"]},
    "four.example": {"A": ["192.0.2.1"]},
    "empty.example": {},
    "alias.example": {"CNAME": ["both.example"]},
    "dangling.example": {"CNAME": ["gone.example"]},
    "broken.example": dns.rcode.SERVFAIL,
    "refused.example": dns.rcode.REFUSED,
}
BOTH = {"192.0.2.1", "192.0.2.2", "2001:db8::1"}


@pytest.fixture
def server() -> Iterator[NameServer]:
    with naming(ZONE) as found:
        yield found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("both.example", BOTH),
        ("alias.example", BOTH),
        ("four.example", {"192.0.2.1"}),
        ("empty.example", set()),
        ("gone.example", set()),
        ("dangling.example", set()),
    ],
)
def test_a_name_leads_to_the_addresses_of_both_families(server: NameServer, name: str, expected: set[str]) -> None:
    """In the form of RFC 5952; to none where it does not exist, or has none."""
    assert DnsResolver(server.address, server.port).addresses(name) == expected


@pytest.mark.parametrize("name", ["broken.example", "refused.example", "a" * 64 + ".example", "a..example"])
def test_no_answer_is_told_apart_from_no_address(server: NameServer, name: str) -> None:
    with pytest.raises(NotResolved, match=name[:20]):
        DnsResolver(server.address, server.port).addresses(name)


def test_a_name_is_asked_for_as_it_stands(server: NameServer) -> None:
    """Nothing is put behind it, whatever this machine's own domain is."""
    DnsResolver(server.address, server.port).addresses("both")

    assert {one.partition(" ")[0] for one in server.asked} == {"both"}


@pytest.mark.parametrize(
    ("given", "expected"),
    [("192.0.2.53", "192.0.2.53#53"), ("127.0.0.1#5353", "127.0.0.1#5353"), ("2001:DB8::1", "2001:db8::1#53")],
)
def test_a_name_server_is_an_address(monkeypatch: pytest.MonkeyPatch, given: str, expected: str) -> None:
    monkeypatch.setenv("RASAD_NAME_SERVER", given)
    assert load_settings().name_server == expected
    monkeypatch.setenv("RASAD_NAME_SERVER", f"ns.{given}")
    with pytest.raises(UnusableSettings, match="RASAD_NAME_SERVER"):
        load_settings()


@pytest.mark.parametrize(
    ("name_server", "expected"), [(None, False), ("192.0.2.53", False), ("127.0.0.1#5353", True), ("::1", True)]
)
def test_a_rehearsal_asks_a_name_server_on_this_machine_only(name_server: str | None, *, expected: bool) -> None:
    settings = Settings(atlas_url="http://127.0.0.1:9", atlas_is_rehearsal=True, name_server=name_server)

    assert asks_names(settings) is expected
    assert asks_names(settings.model_copy(update={"atlas_is_rehearsal": False}))
    if not expected:
        with pytest.raises(UnusableSettings, match="a rehearsal asks nothing of the Internet"):
            make_resolver(settings)


@pytest.mark.parametrize("is_named", [True, False])
def test_the_worker_looks_where_names_lead(engine: Engine, server: NameServer, *, is_named: bool) -> None:
    """During a rehearsal with a name server of its own; without one it asks nobody, as the guard has seen."""
    clock = ManualClock()
    with writing(engine) as connection:
        put_entry(connection, make_entry(name="four.example", pinned_addresses=frozenset({"192.0.2.9"})), 0)
    name_server = f"{server.address}#{server.port}" if is_named else None
    settings = Settings(atlas_url="http://127.0.0.1:9", atlas_is_rehearsal=True, stream=False, name_server=name_server)
    for _ in range(24):
        Worker(settings=settings, engine=engine, clock=clock, atlas=MemoryAtlas(clock), stop=Event()).wake()
        clock.advance(HOUR_S)

    with reading(engine) as connection:
        entry = find_entry(connection, "four.example")
    assert entry
    assert (entry.drifted_at is not None) is is_named
    assert server.asked == (["four.example A", "four.example AAAA"] * (len(server.asked) // 2) if is_named else [])
    assert len(server.asked) <= 4
    assert entry.looked_at is None or entry.looked_at <= seconds(clock.now())
