"""Ask RIPEstat what is registered in Tajikistan and what its networks announce. Done daily, and by hand."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.store.engine import Transaction
from app.store.listings import write_told
from app.store.registry import Delivered, Written
from measurements.agreements.listings import Told
from measurements.agreements.registry import COUNTRY
from measurements.clock import Clock
from measurements.errors import RasadError
from measurements.results.outcome import Label
from measurements.ripestat.gateway import RipestatGateway
from measurements.ripestat.told import told_of_country, told_of_network
from measurements.units import seconds


class NoData(RasadError):
    """RIPEstat answered, and some of what must be there was not; what is held stays as it is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refreshed:
    """What a refresh brought."""

    n_networks: int
    n_prefixes: int
    n_originated: int
    written: Written
    warnings: tuple[str, ...]
    """What RIPEstat had to say about its answers."""

    def figures(self) -> dict[str, int]:
        """By the names of the wire."""
        return {
            "n_networks": self.n_networks,
            "n_prefixes": self.n_prefixes,
            "n_originated": self.n_originated,
            "new": self.written.n_new,
            "changed": self.written.n_changed,
            "unchanged": self.written.n_unchanged,
        }


def refresh_registry(
    transaction: Transaction,
    ripestat: RipestatGateway,
    clock: Clock,
    *,
    label: Label,
    origin: str,
    on_answer: Callable[[], object] = lambda: None,
) -> Refreshed:
    """Keep what RIPEstat says now, all of it or none: half of it would call the other half not Tajik.

    `on_answer` is called after every answer: a lease is renewed. Raises `RipestatFailure`, and `NoData`.
    """
    told = list(_ask(ripestat, on_answer))
    with transaction() as connection:
        written = write_told(connection, told, Delivered(origin, seconds(clock.now())), label)
    prefixes, networks, *originated = (listing for one in told for listing in one.listings)
    return Refreshed(
        n_networks=len(networks.facts),
        n_prefixes=len(prefixes.facts),
        n_originated=sum(len(listing.facts) for listing in originated),
        written=written,
        warnings=tuple(dict.fromkeys(warning for one in told for warning in one.warnings)),
    )


def _ask(ripestat: RipestatGateway, on_answer: Callable[[], object]) -> Iterator[Told]:
    country = ripestat.country_resources(COUNTRY)
    on_answer()
    told = told_of_country(country)
    for listing in told.listings:
        if not listing.is_complete:
            raise NoData(
                f"RIPEstat has no whole list of what is registered in {COUNTRY} ({listing.kind}: {len(listing.facts)} "
                f"entries, question {told.query_id}); what is held stays, ask again later"
            )
    yield told
    for asn in country.asns:
        yield told_of_network(ripestat.announced_prefixes(asn))
        on_answer()
