"""DNS results, as the platform shows them."""

from base64 import b64encode
from typing import Any, NamedTuple

from app.rehearsal.contract import Body
from app.rehearsal.world import zones
from app.rehearsal.world.chance import Chance, mix
from app.rehearsal.world.messages import SMALLEST_PAYLOAD, TCP, UDP, Message, Query, Records, answer, question
from app.rehearsal.world.networks import IPV4, address
from app.rehearsal.world.probes import Vantage
from app.rehearsal.world.signals import Answer, Signal
from app.rehearsal.world.targets import Destination, Directory, Role
from app.rehearsal.world.turns import Attempt
from app.rehearsal.world.weather import PACKET, ROUND, Conditions, Weather

TIMEOUT_MS, PORT, TLS_PORT = 5000, 53, 853
FIRST_WITH_PORT, FIRST_WITH_LISTS, FIRST_WITH_QUERY_TIME = 5000, 4750, 5000
SERVER_MS = 0.4
HANDSHAKES, TLS_HANDSHAKES = 1, 2
ISP_RESOLVER, PUBLIC_RESOLVER = 5, "8.8.8.8"
BROKEN_STREAM = 0.0005
"""Share of TCP queries whose connection closes without an answer."""
LIBRARY = "OpenSSL 3.0.16 11 Feb 2025"


class _Ask(NamedTuple):
    """One query on its way."""

    query: Query
    destination: Destination
    family: int
    at: int


class Dns:
    """Reports the results of one DNS measurement."""

    def __init__(self, measurement: Body, directory: Directory, weather: Weather) -> None:
        """From its object as the API shows it; what is unset takes the platform's default."""
        self._directory, self._weather = directory, weather
        self._is_local = bool(measurement.get("use_probe_resolver"))
        self._has_tls = bool(measurement.get("tls"))
        self._protocol = TCP if self._has_tls else str(measurement.get("protocol") or UDP).upper()
        self._port = measurement.get("port") or (TLS_PORT if self._has_tls else PORT)
        self._retry: int = measurement.get("retry") or 0
        self._timeout: int = measurement.get("timeout") or TIMEOUT_MS
        self._has_abuf = measurement.get("include_abuf") is not False
        self._has_qbuf = bool(measurement.get("include_qbuf"))
        self._is_prepended = bool(measurement.get("prepend_probe_id"))
        self._has_macros = bool(measurement.get("use_macros"))
        name = str(measurement.get("query_argument") or ".")
        self._query = Query(
            name=name if name.endswith(".") else f"{name}.",
            type=str(measurement.get("query_type") or "A"),
            class_=str(measurement.get("query_class") or "IN"),
            protocol=self._protocol,
            wants_recursion=self._is_local or bool(measurement.get("set_rd_bit")),
            is_unchecked=bool(measurement.get("set_cd_bit")),
            wants_dnssec=bool(measurement.get("set_do_bit")),
            wants_identity=bool(measurement.get("set_nsid_bit")),
            payload=measurement.get("udp_payload_size") or SMALLEST_PAYLOAD,
        )

    def report(self, attempt: Attempt, chance: Chance) -> Body:
        """A result from `sslvers`, `name`, `dst_name`, `dst_addr` or `resultset` on."""
        if self._is_local:
            return {"resultset": self._ask_resolvers(attempt, chance)}
        query = self._asked_by(attempt.vantage, attempt.at, chance)
        aim, is_udp = attempt.aim, self._protocol == UDP
        found: Body = {"sslvers": LIBRARY} if self._has_tls else {}
        if aim.destination is None:
            reason = f"{aim.name} {aim.error}" if is_udp else aim.error
            kind = "evdns_getaddrinfo" if is_udp else "TUDNS"
            if attempt.vantage.firmware < FIRST_WITH_PORT:
                kind = "getaddrinfo"
            return {**found, "dst_name": aim.name, "proto": self._protocol, "error": {kind: reason}}
        if aim.name != aim.destination.address:
            found["name" if is_udp else "dst_name"] = aim.name
        if aim.is_refused:
            found |= self._to(attempt.vantage, aim.destination, attempt.family)
            refusal: Body = {"reason": "address not allowed"} if is_udp else {"TU_BAD_ADDR": True}
            return {**found, "proto": self._protocol, "error": refusal}
        if attempt.conditions is None and is_udp:
            error = {"socket": "connect failed Network is unreachable"}
            return {"dst_name": aim.name, "proto": UDP, "error": error}
        ask = _Ask(query, aim.destination, attempt.family, attempt.at)
        return found | self._exchange(attempt, ask, attempt.conditions, chance)

    def _asked_by(self, vantage: Vantage, at: int, chance: Chance) -> Query:
        """The query with this probe's number and its instant in the name, where it shall have them."""
        name = self._query.name
        if self._has_macros:
            for macro, value in (("$p", vantage.id), ("$t", at), ("$r", f"{chance.getrandbits(64):016x}")):
                name = name.replace(macro, str(value))
        if self._is_prepended:
            name = f"{vantage.id}.{at}.{name.removeprefix('.')}"
        return self._query if name is self._query.name else self._query._replace(name=name)

    def _ask_resolvers(self, attempt: Attempt, chance: Chance) -> list[Body]:
        vantage, entries = attempt.vantage, []
        found = resolvers(vantage)
        elapsed = 0.0
        for index, (where, family) in enumerate(found):
            at = attempt.at + int(elapsed / 1000)
            entry: Body = {"time": at, "lts": attempt.lts + at - attempt.at, "subid": index + 1, "submax": len(found)}
            destination = self._resolver_at(vantage, where)
            is_home = destination.role is Role.RESOLVER and where == vantage.gateway_address(family)
            conditions = self._weather.at(vantage, destination, family, at)
            if is_home:
                conditions = conditions._replace(rtt_ms=1.2, queue_ms=min(conditions.queue_ms, 0.5), loss=0.0)
            if attempt.is_cut:
                conditions = conditions.cut()
            query = self._asked_by(vantage, at, chance)
            entry |= self._exchange(attempt, _Ask(query, destination, family, at), conditions, chance)
            elapsed += entry["result"]["rt"] if "result" in entry else self._timeout
            entries.append(entry)
        return entries

    def _resolver_at(self, vantage: Vantage, where: str) -> Destination:
        if where == PUBLIC_RESOLVER:
            return self._directory.destination(where)
        identity = "" if where == vantage.gateway_address(IPV4) else f"res1.as{vantage.operator.asn}.example"
        return Destination(where, Role.RESOLVER, vantage.operator.asn, vantage.operator.home, identity)

    def _to(self, vantage: Vantage, destination: Destination, family: int) -> Body:
        found: Body = {"dst_addr": destination.address}
        if vantage.firmware >= FIRST_WITH_PORT:
            found["dst_port"] = str(self._port)
        return {**found, "af": family}

    def _exchange(self, attempt: Attempt, ask: _Ask, conditions: Conditions | None, chance: Chance) -> Body:
        """From `dst_addr` to the result or the error."""
        vantage = attempt.vantage
        found = self._to(vantage, ask.destination, ask.family)
        if conditions is None:
            return {**found, "proto": self._protocol, "error": {"TUCONNECT": "Network is unreachable"}}
        error = self._refusal(ask, conditions, chance)
        if not (error and self._protocol == TCP and "TU_READ_ERR" not in error):
            found["src_addr"] = vantage.own_address(ask.family)
        tries = 0
        while not error and chance.random() < self._loss(conditions):
            tries += 1
            if tries > self._retry:
                error = {"timeout": self._timeout}
        retried = self._retry if error and "timeout" in error else tries
        if retried:
            found["retry"] = min(retried, self._retry)
        found["proto"] = self._protocol
        ident = chance.getrandbits(16)
        if self._has_qbuf:
            found["qbuf"] = _encoded(question(ask.query), ident)
        if error:
            found["error"] = error
        else:
            found["result"] = self._answered(vantage, ask, conditions, chance, ident)
        return found

    def _loss(self, conditions: Conditions) -> float:
        legs = 2 if self._protocol == TCP else 1
        return 0.0 if conditions.intercepted else min(1.0, legs * conditions.lost + conditions.troubled)

    def _refusal(self, ask: _Ask, conditions: Conditions, chance: Chance) -> Body | None:
        """What happens where nothing answers DNS."""
        role, is_udp = ask.destination.role, self._protocol == UDP
        is_open = zones.known(role) and (self._port == PORT or (self._has_tls and role is Role.RESOLVER))
        if is_open and not (self._has_tls and (role is not Role.RESOLVER or self._port == PORT)):
            broken = not is_udp and chance.random() < BROKEN_STREAM
            return {"TU_READ_ERR": ""} if broken else None
        if is_udp and conditions.intercepted and self._port == PORT:
            return None
        if is_udp or role in (Role.MUTE, Role.NOWHERE):
            return {"timeout": self._timeout}
        return {"TUCONNECT": "error:00000005:lib(0)::reason(5)" if self._has_tls else "Connection refused"}

    def _answered(self, vantage: Vantage, ask: _Ask, conditions: Conditions, chance: Chance, ident: int) -> Body:
        signal = conditions.intercepted if self._protocol == UDP and self._port == PORT else None
        message = answer(ask.query, self._records(vantage, ask, conditions, signal, ident))
        queue = conditions.queue_ms * (ROUND.value(chance.random()) + PACKET.value(chance.random()))
        distance = vantage.operator.access_ms + 1 if signal else conditions.rtt_ms
        trip = distance + queue + SERVER_MS * chance.random()
        took = trip
        if self._protocol == TCP:
            took += (TLS_HANDSHAKES if self._has_tls else HANDSHAKES) * (distance + queue)
        result: dict[str, Any] = {"rt": round(took, 3)}
        if took > self._timeout:
            result["rt"] = took = float(self._timeout - 1)
        if self._protocol == TCP and vantage.firmware >= FIRST_WITH_QUERY_TIME:
            result["qt"] = round(min(trip, took), 3)
        result["size"] = len(message.wire)
        if self._has_abuf:
            result["abuf"] = _encoded(message.wire, ident)
        result["ID"] = ident
        result |= message.counts
        if message.shown:
            result["answers"] = _spelled(message, vantage.firmware)
        return result

    def _records(
        self, vantage: Vantage, ask: _Ask, conditions: Conditions, signal: Signal | None, ident: int
    ) -> Records:
        if signal:
            return self._intercepted(ask, signal)
        destination = ask.destination
        if destination.role is Role.K_ROOT and conditions.site:
            instance = zones.instance_of(conditions.site, vantage.id, ident)
            serial = zones.root_serial(ask.at, conditions.site, conditions.lag_s)
            return zones.k_root(ask.query, instance, conditions.site.key, serial)
        if destination.role is Role.TLD:
            return zones.tld_server(ask.query, destination.identity, ask.at)
        if destination.role is Role.ANCHOR:
            return zones.anchor(ask.query, destination, self._directory)
        return zones.resolver(ask.query, destination.identity, self._directory, ask.at)

    def _intercepted(self, ask: _Ask, signal: Signal) -> Records:
        if signal.answer is Answer.EMPTY:
            return Records(is_authoritative=True, is_bare=True)
        if signal.answer is Answer.REFUSED:
            return Records("REFUSED", is_authoritative=False, offers_recursion=True)
        return zones.interceptor(ask.query, self._directory, ask.at)


def resolvers(vantage: Vantage) -> list[tuple[str, int]]:
    """A probe's own resolvers with their address families, in its order."""
    network = vantage.operator.asn
    found = (
        [(vantage.gateway_address(IPV4), IPV4)] if vantage.is_behind_nat else [(address(network, 4, ISP_RESOLVER), 4)]
    )
    if vantage.has_ipv6:
        found.append((address(network, 6, ISP_RESOLVER), 6))
    if mix(vantage.id, 1) % 3 == 0:
        found.append((PUBLIC_RESOLVER, IPV4))
    return found


def _encoded(wire: bytes, ident: int) -> str:
    return b64encode(ident.to_bytes(2, "big") + wire[2:]).decode()


def _spelled(message: Message, firmware: int) -> list[dict[str, Any]]:
    if firmware >= FIRST_WITH_LISTS:
        return [dict(record) for record in message.shown]
    return [
        {**record, "RDATA": "".join(record["RDATA"])} if "RDATA" in record else dict(record) for record in message.shown
    ]
