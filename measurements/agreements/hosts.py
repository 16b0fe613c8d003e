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
from measurements.agreements.whereabouts import EVERYWHERE, Whereabouts, probes_of
from measurements.selections import SelectedBy


def are_unwanted(selections: Iterable[Selected], networks: Iterable[CatalogueEntry], whereabouts: Whereabouts) -> bool:
    """Whether probes may be chosen in a network whose operator opted out.

    RIPE Atlas cannot leave a network out of a country; where one has opted out, the others are named one by one, or
    their probes are. Of what nobody knows, it may be.
    """
    out = [one for one in networks if one.has_opted_out(whereabouts.now)]
    return any(_may_choose_in(selection, network, whereabouts) for selection in selections for network in out)


def cautions(
    selections: Iterable[Selected], networks: Iterable[CatalogueEntry], whereabouts: Whereabouts
) -> tuple[Caution, ...]:
    """What is to be known of the operators, without being a refusal; each once."""
    asked = {one.asn for one in networks if _has_acknowledged(one, whereabouts.now)}
    found: set[Caution] = set()
    for selection in selections:
        chosen_in = _networks_of(selection, whereabouts)
        if None in chosen_in:
            found.add(Caution.NETWORKS_UNKNOWN)
        if chosen_in - {None} - asked:
            found.add(Caution.NETWORK_NOT_ASKED)
    return tuple(caution for caution in Caution if caution in found)


def _networks_of(selection: Selected, whereabouts: Whereabouts) -> set[int | None]:
    """The networks that its probes are in; None among them where some are not known.

    Who takes part in a measurement may change until RIPE Atlas chooses.
    """
    if selection.by is SelectedBy.ASN:
        return {int(selection.value)}
    found: set[int | None] = set()
    for probe_id in probes_of(selection):
        probe = whereabouts.probe(probe_id)
        own = {probe.asn_v4, probe.asn_v6} - {None} if probe else set[int | None]()
        found |= own or {None}
    return found or {None}


def _may_choose_in(selection: Selected, network: CatalogueEntry, whereabouts: Whereabouts) -> bool:
    match selection.by:
        case SelectedBy.ASN:
            return int(selection.value) == network.asn
        case SelectedBy.COUNTRY:
            return network.is_tajik and selection.value == COUNTRY
        case SelectedBy.REGION:
            return network.is_tajik and selection.value in REGIONS_WITH_TAJIKISTAN
        case SelectedBy.AREA:
            return network.is_tajik or selection.value == EVERYWHERE
        case SelectedBy.PREFIX:
            return whereabouts.announces(network.asn or 0, selection.value) is not False
        case SelectedBy.PROBES | SelectedBy.MEASUREMENT:
            return not {network.asn, None}.isdisjoint(_networks_of(selection, whereabouts))


def _has_acknowledged(network: CatalogueEntry, now: int) -> bool:
    if network.owner_party is not None:
        return True
    return network.consent is not None and network.consent.holds_at(now)
