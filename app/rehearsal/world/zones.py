"""What name servers know: the root zone, .tj, the names of this world, and who they are themselves."""

from base64 import b64encode
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b

from app.rehearsal.chance import number
from app.rehearsal.world.chance import mix
from app.rehearsal.world.messages import Query, Records
from app.rehearsal.world.sites import Site
from app.rehearsal.world.targets import Destination, Directory, Role

HOUR, HALF_DAY = 3600, 43_200
PUBLISHED_AT_S = 5 * HOUR
"""The root zone comes out at about 05:00 and 17:00 UTC."""
SLOWEST_SITE_S = 120
KNOWN_TLDS = ("af.", "arpa.", "com.", "de.", "kg.", "kz.", "net.", "nl.", "org.", "ru.", "tj.", "uz.")
TJ_SERVERS = ("ns1.nic.tj.", "ns2.tojikiston.com.", "tj.cctld.authdns.ripe.net.", "phloem.uoregon.edu.")
WHO = ("hostname.bind.", "id.server.")
WHAT = ("version.bind.", "version.server.")
SOFTWARE = ("NSD 4.8.0", "Knot DNS 3.3.8", "9.18.28")
DAY_TTL, TWO_DAYS_TTL, HOST_TTL = "86400", "172800", "300"
REFUSED = Records("REFUSED")
WHO_IN_BETWEEN = "cache1.access.example"


def root_serial(at: int, site: Site | None, lag_s: int) -> int:
    """The serial of the root zone that a site serves; `lag_s` is how far it is behind beyond the usual."""
    delay = number("propagation", site.key if site else "") % SLOWEST_SITE_S
    return _serial((at - lag_s - delay - PUBLISHED_AT_S) // HALF_DAY)


@lru_cache(maxsize=64)
def _serial(half_day: int) -> int:
    published = datetime.fromtimestamp(half_day * HALF_DAY + PUBLISHED_AT_S, UTC)
    return int(published.strftime("%Y%m%d")) * 100 + (published.hour >= 12)  # noqa: PLR2004 - noon


def k_root(query: Query, instance: str, site_key: str, serial: int) -> Records:
    """What a K-root instance answers."""
    name = query.name.lower()
    if query.class_ != "IN":
        return _chaos(query, instance, SOFTWARE[number("software", site_key) % len(SOFTWARE)])
    soa = _soa(".", "a.root-servers.net. nstld.verisign-grs.com.", f"{serial} 1800 900 604800 86400")
    if name == ".":
        return _signed(query, Records(answer=_at_root(query.type, soa), identity=instance), soa)
    tld = f"{name.rstrip('.').rpartition('.')[2]}."
    if tld not in KNOWN_TLDS:
        return Records("NXDOMAIN", authority=(soa,), identity=instance)
    servers = TJ_SERVERS if tld == "tj." else (f"a.nic.{tld}", f"b.nic.{tld}")
    glue = (("ns1.nic.tj.", TWO_DAYS_TTL, "IN", "A", "91.218.160.197"),) if tld == "tj." else ()
    referral = (tld, TWO_DAYS_TTL, "IN", "NS", *servers)
    return Records(authority=(referral,), additional=glue, is_authoritative=False, identity=instance)


def tld_server(query: Query, identity: str, at: int) -> Records:
    """What a name server of .tj answers."""
    name = query.name.lower()
    if query.class_ != "IN":
        return _chaos(query, identity, "")
    if name != "tj." and not name.endswith(".tj."):
        return REFUSED._replace(identity=identity)
    soa = _soa("tj.", "ns1.nic.tj. hostmaster.nic.tj.", f"{_serial(at // HALF_DAY)} 14400 3600 604800 3600")
    if name == "tj.":
        kinds = {"SOA": (soa,), "NS": (("tj.", DAY_TTL, "IN", "NS", *TJ_SERVERS),)}
        return _or_nothing(Records(answer=kinds.get(query.type, ()), identity=identity), soa)
    if name == "ns1.nic.tj." and query.type == "A":
        return Records(answer=((name, DAY_TTL, "IN", "A", "91.218.160.197"),), identity=identity)
    domain = ".".join(name.rstrip(".").split(".")[-2:]) + "."
    if number("registered", domain) % 3 == 0:
        return Records("NXDOMAIN", authority=(soa,), identity=identity)
    servers = (f"ns1.{domain}", f"ns2.{domain}")
    return Records(authority=((domain, DAY_TTL, "IN", "NS", *servers),), is_authoritative=False, identity=identity)


def resolver(query: Query, identity: str, directory: Directory, at: int) -> Records:
    """What a resolver answers."""
    usual = Records(is_authoritative=False, offers_recursion=True, identity=identity)
    if query.class_ != "IN":
        told = _chaos(query, identity, "unbound 1.19.2" if identity else "")
        return told._replace(is_authoritative=False, offers_recursion=True)
    name = query.name.lower()
    v4, v6 = directory.addresses(name)
    soa = _soa(".", "a.root-servers.net. nstld.verisign-grs.com.", f"{root_serial(at, None, 0)} 1800 900 604800 86400")
    if name == ".":
        return _signed(query, usual._replace(answer=_at_root(query.type, soa)), soa)
    if name == "tj." or (v4 is None and v6 is None):
        told = tld_server(query, identity, at) if name == "tj." else Records("NXDOMAIN", authority=(soa,))
        return told._replace(is_authoritative=False, offers_recursion=True, identity=identity)
    found = {"A": v4, "AAAA": v6}.get(query.type)
    if found is None:
        return usual._replace(authority=(soa,))
    return usual._replace(answer=((name, HOST_TTL, "IN", query.type, found),))


def anchor(query: Query, destination: Destination, directory: Directory) -> Records:
    """What an anchor's own name server answers."""
    identity = destination.identity
    if query.class_ != "IN":
        return _chaos(query, identity, "")
    if not query.name.lower().endswith(f"{identity}."):
        return REFUSED._replace(identity=identity)
    v4, v6 = directory.addresses(identity)
    soa = _soa(f"{identity}.", "ns.atlas.example. hostmaster.atlas.example.", "1 3600 600 86400 300")
    found = {"A": v4, "AAAA": v6}.get(query.type)
    data = (((query.name, HOST_TTL, "IN", query.type, found),) if found else ()) or (
        (soa,) if query.type == "SOA" else ()
    )
    return _or_nothing(Records(answer=data, identity=identity), soa)


def interceptor(query: Query, directory: Directory, at: int) -> Records:
    """What a resolver on the way answers in place of the server that was asked."""
    return resolver(query, WHO_IN_BETWEEN, directory, at)


def instance_of(site: Site, probe_id: int, flow: int) -> str:
    """Which of a site's servers a flow reaches."""
    return site.instance(mix(probe_id, flow) % site.servers)


def known(role: Role) -> bool:
    """Whether anything listens on port 53."""
    return role in (Role.K_ROOT, Role.TLD, Role.RESOLVER, Role.ANCHOR)


def _chaos(query: Query, identity: str, software: str) -> Records:
    name = query.name.lower()
    told = identity if name in WHO else software if name in WHAT else ""
    if not told or query.type not in ("TXT", "ANY"):
        return REFUSED._replace(identity=identity)
    return Records(answer=((query.name, "0", "CH", "TXT", f'"{told}"'),), identity=identity)


def _at_root(kind: str, soa: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    servers = (".", "518400", "IN", "NS", *(f"{letter}.root-servers.net." for letter in "abcdefghijklm"))
    keys = (
        ".",
        TWO_DAYS_TTL,
        "IN",
        "DNSKEY",
        *(f"{flags} 3 8 {_bytes('key', flags, 264)}" for flags in ("256", "257")),
    )
    kinds = {"SOA": (soa,), "NS": (servers,), "DNSKEY": (keys,), "ANY": (soa, servers, keys)}
    return kinds.get(kind, ())


def _signed(query: Query, records: Records, soa: tuple[str, ...]) -> Records:
    """With signatures where they were asked for. They have the right form and verify nothing."""
    if not query.wants_dnssec or not records.answer:
        return _or_nothing(records, soa)
    name, ttl, _, kind, *_ = records.answer[0]
    text = f"{kind} 8 0 {ttl} 20380119000000 20260101000000 20326 . {_bytes('signature', kind, 256)}"
    return records._replace(answer=(records.answer[0], (name, ttl, "IN", "RRSIG", text), *records.answer[1:]))


def _or_nothing(records: Records, soa: tuple[str, ...]) -> Records:
    return records if records.answer else records._replace(authority=(soa,))


def _soa(zone: str, names: str, numbers: str) -> tuple[str, ...]:
    return (zone, DAY_TTL, "IN", "SOA", f"{names} {numbers}")


@lru_cache(maxsize=64)
def _bytes(purpose: str, label: str, length: int) -> str:
    block = b"".join(blake2b(f"{purpose}{label}{part}".encode()).digest() for part in range(length // 64 + 1))
    return b64encode(block[:length]).decode()
