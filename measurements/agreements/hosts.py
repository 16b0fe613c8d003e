"""Those who host probes: the operators of networks in which a measurement's probes are chosen.

The parties' word is not theirs (domain sheet, 1.2). An operator that does not want probes in its network to be asked
is heeded: nothing is dispatched that chooses there, or so widely that it may. Of one that was not asked a caution is
given.
"""

from collections.abc import Iterable

from measurements.agreements.card import Selected
from measurements.agreements.catalogue import CatalogueEntry
from measurements.agreements.reasons import Caution
from measurements.agreements.registry import COUNTRY
from measurements.agreements.scope import REGIONS_WITH_TAJIKISTAN
from measurements.selections import SelectedBy


def are_unwanted(selections: Iterable[Selected], networks: Iterable[CatalogueEntry], now: int) -> bool:
    """Whether probes may be chosen in a network whose operator opted out.

    RIPE Atlas cannot leave a network out of a country; where one has opted out, the others are named one by one.
    """
    out = [one for one in networks if one.has_opted_out(now)]
    return any(_may_choose_in(selection, network) for selection in selections for network in out)


def cautions(selections: Iterable[Selected], networks: Iterable[CatalogueEntry], now: int) -> tuple[Caution, ...]:
    """What is to be known of the operators, without being a refusal; each once."""
    asked = {one.asn for one in networks if _has_acknowledged(one, now)}
    found = {
        Caution.NETWORKS_UNKNOWN if selection.by is not SelectedBy.ASN else Caution.NETWORK_NOT_ASKED
        for selection in selections
        if selection.by is not SelectedBy.ASN or int(selection.value) not in asked
    }
    return tuple(caution for caution in Caution if caution in found)


def _may_choose_in(selection: Selected, network: CatalogueEntry) -> bool:
    """Where probes are named, or a prefix or another measurement is, nobody can say in which networks they are."""
    match selection.by:
        case SelectedBy.ASN:
            return int(selection.value) == network.asn
        case SelectedBy.COUNTRY:
            return network.is_tajik and selection.value == COUNTRY
        case SelectedBy.REGION:
            return network.is_tajik and selection.value in REGIONS_WITH_TAJIKISTAN
        case SelectedBy.AREA:
            return network.is_tajik
        case _:
            return False


def _has_acknowledged(network: CatalogueEntry, now: int) -> bool:
    if network.owner_party is not None:
        return True
    return network.consent is not None and network.consent.holds_at(now)
