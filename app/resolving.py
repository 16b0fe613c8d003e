"""What names resolve to in the DNS: the one place that asks, through dnspython."""

from ipaddress import ip_address

import dns.exception
import dns.name
import dns.rdatatype
import dns.resolver

from measurements.agreements.addresses import NotResolved

LIFETIME_S = 10.0
"""For one question, with every name server and every repetition."""
FAMILIES = (dns.rdatatype.A, dns.rdatatype.AAAA)


class DnsResolver:
    """Asks the name servers of the system, or one that is named. Aliases are followed; a name is taken as it stands."""

    def __init__(self, server: str | None = None, port: int = 53) -> None:
        self._server = server
        self._port = port

    def addresses(self, name: str) -> frozenset[str]:
        """The addresses of both families; none for a name that does not exist or has none. Raises `NotResolved`."""
        try:
            asked = dns.name.from_text(name)
            resolver = self._resolver()
            answers = [
                resolver.resolve(asked, family, raise_on_no_answer=False, lifetime=LIFETIME_S, search=False)
                for family in FAMILIES
            ]
        except dns.resolver.NXDOMAIN:
            return frozenset()
        except dns.exception.DNSException as error:
            raise NotResolved(f"{name}: {error}") from error
        return frozenset(str(ip_address(record.address)) for answer in answers for record in answer.rrset or ())

    def _resolver(self) -> dns.resolver.Resolver:
        """Made anew, as the system's name servers change with the network that it is in. Nothing is cached."""
        if self._server is None:
            return dns.resolver.Resolver()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers = [self._server]
        resolver.port = self._port
        return resolver
