"""DNS: every field of the definition that changes a result does, and messages say what servers would."""

from base64 import b64decode
from collections import Counter
from typing import Any

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import pytest

from app.rehearsal.contract import Body
from tests.app.rehearsal.world.worlds import EPOCH, HOSTNAME, SOA, SOA_TCP, VERSION, bodies, builtin, measurement, quiet

K_ROOT = "k.root-servers.net"


def ask(target: str, name: str, kind: str = "SOA", **fields: Any) -> list[Body]:
    """What probes report of a query within two hours."""
    usual = {"query_class": "IN", "protocol": "UDP", "interval": 1200}
    asked = measurement("dns", target, **{**usual, "query_argument": name, "query_type": kind, **fields})
    return bodies(quiet(), asked, hours=2)


def messages(found: list[Body]) -> list[dns.message.Message]:
    """The answers, decoded."""
    told = [dns.message.from_wire(b64decode(body["result"]["abuf"])) for body in found if "result" in body]
    assert told
    return told


def test_the_message_and_the_keys_beside_it_agree() -> None:
    """ID, size, counts and spelled-out records."""
    for body in bodies(quiet(), builtin(SOA), hours=2):
        if "result" in body:
            result = body["result"]
            wire = b64decode(result["abuf"])
            message = dns.message.from_wire(wire)
            assert (message.id, len(wire)) == (result["ID"], result["size"])
            assert [result[key] for key in ("QDCOUNT", "ANCOUNT", "NSCOUNT", "ARCOUNT")] == [1, 1, 0, 0]
            assert message.answer[0][0].serial == result["answers"][0]["SERIAL"]


def test_hostname_is_the_instance_of_the_site() -> None:
    """By network; NSID tells the same."""
    found = ask(K_ROOT, "hostname.bind.", "TXT", query_class="CHAOS", set_nsid_bit=True)
    for body, message in zip([one for one in found if "result" in one], messages(found), strict=True):
        told = body["result"]["answers"][0]["RDATA"]
        name = told if isinstance(told, str) else told[0]
        option = message.options[0]
        assert option.otype == dns.edns.OptionType.NSID
        assert option.to_wire() == name.encode()
        assert name.endswith(".k.ripe.net")


def test_a_site_of_several_servers_shares_the_load() -> None:
    """And one of a single server does not."""
    found = bodies(quiet(), builtin(HOSTNAME), hours=24)
    names = Counter(str(body["result"]["answers"][0]["RDATA"]).strip("[']") for body in found if "result" in body)

    assert {name for name in names if ".nl-ams." in name} == {f"ns{n}.nl-ams.k.ripe.net" for n in (1, 2, 3)}
    assert {name for name in names if ".tj-dyu." in name} == {"ns1.tj-dyu.k.ripe.net"}


@pytest.mark.parametrize("name", ["version.bind.", "version.server."])
def test_version(name: str) -> None:
    """Some software."""
    told = {m.answer[0][0].strings[0] for m in messages(ask(K_ROOT, name, "TXT", query_class="CHAOS"))}

    assert told <= {b"NSD 4.8.0", b"Knot DNS 3.3.8", b"9.18.28"}
    assert len(bodies(quiet(), builtin(VERSION))) > 30


@pytest.mark.parametrize(("field", "flag"), [("set_rd_bit", dns.flags.RD), ("set_cd_bit", dns.flags.CD)])
def test_bits_of_the_header(field: str, flag: int) -> None:
    """They come back as they were asked for."""
    fields: dict[str, Any] = {field: True}
    assert {bool(message.flags & flag) for message in messages(ask(K_ROOT, ".", **fields))} == {True}
    assert {bool(message.flags & flag) for message in messages(ask(K_ROOT, "."))} == {False}


def test_do_bit_brings_signatures() -> None:
    """And an OPT record."""
    signed = messages(ask(K_ROOT, ".", set_do_bit=True))

    assert {(len(m.answer), m.edns, bool(m.ednsflags & dns.flags.DO)) for m in signed} == {(2, 0, True)}
    assert {m.edns for m in messages(ask(K_ROOT, "."))} == {-1}


def test_payload_size_decides_on_truncation() -> None:
    """Keys do not fit into 512 bytes; they do into 4096, and over TCP."""
    small = messages(ask(K_ROOT, ".", "DNSKEY"))
    large = messages(ask(K_ROOT, ".", "DNSKEY", udp_payload_size=4096))
    stream = messages(ask(K_ROOT, ".", "DNSKEY", protocol="TCP"))

    assert {(bool(m.flags & dns.flags.TC), len(m.answer)) for m in small} == {(True, 0)}
    assert {(bool(m.flags & dns.flags.TC), len(m.answer)) for m in (*large, *stream)} == {(False, 1)}


def test_buffers_are_included_when_asked() -> None:
    """The answer is by default, the query is not."""
    choices: list[dict[str, Any]] = [{}, {"include_abuf": False}, {"include_qbuf": True}]
    usual, neither, both = ([body for body in ask(K_ROOT, ".", **fields) if "result" in body] for fields in choices)

    assert {("abuf" in body["result"], "qbuf" in body) for body in usual} == {(True, False)}
    assert {("abuf" in body["result"], "qbuf" in body) for body in neither} == {(False, False)}
    for body in both:
        query = dns.message.from_wire(b64decode(body["qbuf"]))
        assert query.id == body["result"]["ID"]
        assert str(query.question[0]) == ". IN SOA"


def test_over_tcp_it_takes_two_round_trips() -> None:
    """Newer firmware tells how long the query alone took."""
    found = [body["result"] for body in bodies(quiet(), builtin(SOA_TCP), hours=4) if "result" in body]
    told = [result for result in found if "qt" in result]

    assert len(told) > len(found) / 2
    assert all(1.7 < result["rt"] / result["qt"] <= 2.01 for result in told)


def test_prepended_probe_id_and_macros() -> None:
    """The name is the probe's own: its number, the instant, and chance in sixteen digits, as the laboratory has it."""
    for fields, name in (({"prepend_probe_id": True}, "$r.tj."), ({}, "$p.$t.$r.tj.")):
        found = ask("ns1.nic.tj", name, "A", use_macros=True, **fields)
        for body, message in zip([one for one in found if "result" in one], messages(found), strict=True):
            number, at, chance, *rest = str(message.question[0].name).split(".")
            assert (int(number), int(at), rest) == (body["prb_id"], body["timestamp"], ["tj", ""])
            assert len(bytes.fromhex(chance)) == 8


def test_each_resolver_is_asked_for_a_name_of_its_own() -> None:
    """So that none answers from what another one was asked."""
    found = ask("", "$r.example.com.", "A", use_macros=True, use_probe_resolver=True)
    names = [
        str(message.question[0].name) for message in messages([one for body in found for one in body["resultset"]])
    ]

    assert len(names) == len(set(names)) > len(found)


def test_timeout_and_retry() -> None:
    """As often as asked, and the time-out is told."""
    loss = {"kind": "loss", "from": 0, "to": "1d", "share": 0.5}
    asked = measurement("dns", K_ROOT, query_class="IN", query_type="SOA", query_argument=".", retry=2, timeout=1500)
    found = bodies(quiet(loss), asked)
    failed = [body for body in found if "error" in body]

    assert {str(body["error"]) for body in failed} == {"{'timeout': 1500}"}
    assert {body["retry"] for body in failed} == {2}
    assert {body.get("retry", 0) for body in found if "result" in body} == {0, 1, 2}
    assert 0.06 < len(failed) / len(found) < 0.2


@pytest.mark.parametrize(
    ("target", "fields", "error"),
    [
        ("mute.example", {}, {"timeout": 5000}),
        ("9.9.9.9", {}, {"timeout": 5000}),
        ("www.example.net", {}, {"timeout": 5000}),
        ("www.example.net", {"protocol": "TCP"}, {"TUCONNECT": "Connection refused"}),
        (K_ROOT, {"port": 5353}, {"timeout": 5000}),
        (K_ROOT, {"tls": True}, {"TUCONNECT": "error:00000005:lib(0)::reason(5)"}),
        ("private.example", {}, {"reason": "address not allowed"}),
        ("private.example", {"protocol": "TCP"}, {"TU_BAD_ADDR": True}),
    ],
)
def test_where_nothing_answers(target: str, fields: dict[str, Any], error: Body) -> None:
    """Each with the error that the probe has for it."""
    found = Counter(str(body.get("error")) for body in ask(target, ".", **fields))

    assert found.most_common(1)[0][0] == str(error)
    assert len(found) <= 2


def test_a_name_without_address() -> None:
    """The word for it differs between protocols and generations."""
    errors = {
        (body["fw"] >= 5000, *body["error"])
        for protocol in ("UDP", "TCP")
        for body in ask("nothing.example", ".", protocol=protocol, resolve_on_probe=True)
    }

    assert errors == {(False, "getaddrinfo"), (True, "evdns_getaddrinfo"), (True, "TUDNS")}


def test_tls_reaches_resolvers() -> None:
    """On its own port, with two handshakes more."""
    found = ask("dns.google", "www.example.net", "A", tls=True, set_rd_bit=True)

    assert {(body["proto"], "sslvers" in body) for body in found} == {("TCP", True)}
    assert sum("result" in body for body in found) > 0.9 * len(found)


def test_probe_resolvers() -> None:
    """One entry for each that the probe has, and nothing beside them."""
    asked = measurement(
        "dns", "", query_class="IN", query_type="A", query_argument="www.example.net", use_probe_resolver=True
    )
    found = bodies(quiet(), asked, hours=4)

    assert {key for body in found for key in body} >= {"resultset", "from"}
    assert not any({"result", "error", "dst_addr", "af"} & set(body) for body in found)
    for body in found:
        entries = body["resultset"]
        assert [entry["subid"] for entry in entries] == list(range(1, len(entries) + 1))
        assert {entry["submax"] for entry in entries} == {len(entries)}
        assert entries[0]["time"] == body["timestamp"]
    answers = messages([entry for body in found for entry in body["resultset"]])
    assert {str(m.answer[0][0]) for m in answers} == {"192.0.2.10"}
    assert {bool(m.flags & dns.flags.RA) and bool(m.flags & dns.flags.RD) for m in answers} == {True}
    assert {len(body["resultset"]) for body in found} == {1, 2, 3}


@pytest.mark.parametrize(
    ("target", "name", "kind", "rcode", "sections"),
    [
        (K_ROOT, "www.nic.tj.", "A", "NOERROR", (0, 1)),
        (K_ROOT, "host.invalid.", "A", "NXDOMAIN", (0, 1)),
        (K_ROOT, ".", "NS", "NOERROR", (1, 0)),
        (K_ROOT, ".", "TXT", "NOERROR", (0, 1)),
        ("ns1.nic.tj", "tj.", "SOA", "NOERROR", (1, 0)),
        ("ns1.nic.tj", "tj.", "NS", "NOERROR", (1, 0)),
        ("ns1.nic.tj", "example.com.", "A", "REFUSED", (0, 0)),
        ("dns.google", "www.example.net.", "AAAA", "NOERROR", (1, 0)),
        ("dns.google", "v4only.example.", "AAAA", "NOERROR", (0, 1)),
        ("dns.google", "nothing.example.", "A", "NXDOMAIN", (0, 1)),
        ("tj-dyu-as64496.anchors.atlas.ripe.net", "tj-dyu-as64496.anchors.atlas.ripe.net.", "A", "NOERROR", (1, 0)),
    ],
)
def test_what_servers_know(target: str, name: str, kind: str, rcode: str, sections: tuple[int, int]) -> None:
    """An answer, a referral, a denial or a refusal; counts are of record sets in answer and authority."""
    found = messages(ask(target, name, kind, set_rd_bit=True))

    assert found
    assert {(dns.rcode.to_text(m.rcode()), (len(m.answer), len(m.authority))) for m in found} == {(rcode, sections)}


def test_the_root_zone_comes_out_twice_a_day() -> None:
    """No site is more than two minutes late."""
    found = [body for body in bodies(quiet(), builtin(SOA)) if "result" in body]
    serials = sorted((body["timestamp"] - EPOCH, body["result"]["answers"][0]["SERIAL"]) for body in found)

    assert {serial for at, serial in serials if at < 5 * 3600} == {2026111801}
    assert {serial for at, serial in serials if 5 * 3600 + 120 < at < 17 * 3600} == {2026111900}
    assert {serial for at, serial in serials if at > 17 * 3600 + 120} == {2026111901}


def test_prepended_to_the_root() -> None:
    """The probe's number and the round are all of the name."""
    names = {str(message.question[0].name) for message in messages(ask(K_ROOT, ".", prepend_probe_id=True))}

    assert all(len(name.split(".")) == 3 for name in names)
    assert len(names) > 30
