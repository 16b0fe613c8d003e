"""List sites: where K-root's servers stand, as far as we know; the table by which instances are named."""

from typing import Any

from measurements.filters import asked_country
from measurements.results.instances import SITES_AS_OF, SITES_SOURCE, Site, k_root_sites
from measurements.targets import K_ROOT


def list_sites(country: str | None = None) -> dict[str, Any]:
    """The sites in plain values under the names of the wire, in order of their code; of all countries, or of one.

    Raises InvalidFilter for what is no country code.
    """
    country_code = None if country is None else asked_country(country)
    sites = sorted(k_root_sites().items())
    return {
        "target": K_ROOT.name,
        "as_of_on": SITES_AS_OF,
        "source": SITES_SOURCE,
        "sites": [_site_on_the_wire(site) for _, site in sites if country_code in {None, site.country_code}],
    }


def _site_on_the_wire(site: Site) -> dict[str, Any]:
    return {
        "site": site.code,
        "country_code": site.country_code,
        "town": site.town,
        "reach": site.reach,
        "is_operational": site.is_operational,
    }
