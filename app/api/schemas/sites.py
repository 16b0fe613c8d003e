"""The table of sites on the wire."""

from datetime import date
from typing import Literal

from pydantic import Field

from app.api.schemas.base import Answer, CountryCode, Filters


class SiteFilters(Filters):
    """Which sites."""

    country: CountryCode | None = Field(default=None, examples=["TJ"])
    """Only those in this country, two letters."""


class Site(Answer):
    """A place where servers of the target stand."""

    site: str
    """Its code (UN/LOCODE), by which `instance_share` counts: `tj-dyu` is Dushanbe."""
    country_code: str
    town: str
    reach: Literal["global", "local"]
    """`local` where it is announced to few networks."""
    is_operational: bool
    """As of the table's date."""


class SiteTable(Answer):
    """The sites that are known by name; an answer from elsewhere is kept and flagged."""

    target: str
    as_of_on: date
    """The day of the newest fact in the table, UTC."""
    source: str
    sites: list[Site]
