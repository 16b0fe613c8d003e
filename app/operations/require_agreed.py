"""Until the agreement gate exists: nothing is collected from Tajik probes, except from a rehearsal."""

from collections.abc import Collection

from sqlalchemy import Connection

from app.store.find_vantage import find_snapshots
from measurements.atlas.failures import NotAgreed
from measurements.atlas.gateway import AtlasGateway
from measurements.errors import RasadError

TAJIKISTAN = "TJ"


class NotYetAgreed(RasadError):
    """Collecting would bring data from Tajikistan, and no agreement can be recorded yet."""


def require_agreed(connection: Connection, atlas: AtlasGateway, probe_ids: Collection[int] | None) -> None:
    """Let probes pass that are known to be elsewhere, now and always; any others from a rehearsal only.

    Raises `NotYetAgreed`; the memorandum's Article II and IV want every collection agreed in advance.
    """
    concern = _concern(connection, probe_ids)
    if concern is None:
        return
    try:
        atlas.require_rehearsal()
    except NotAgreed as refusal:
        raise NotYetAgreed(
            f"{concern}. Until the agreement gate exists, data from Tajikistan are collected from a rehearsal only: "
            "`rasad rehearsal serve`"
        ) from refusal


def _concern(connection: Connection, probe_ids: Collection[int] | None) -> str | None:
    if probe_ids is None:
        return "all participants would be followed, and some may be in Tajikistan; name probes that are elsewhere"
    placed: dict[int, set[str | None]] = {}
    for snapshot in find_snapshots(connection, probe_ids):
        placed.setdefault(snapshot.probe_id, set()).add(snapshot.country_code)
    for probe_id in sorted(probe_ids):
        countries = placed.get(probe_id, {None})
        if TAJIKISTAN in countries:
            return f"probe {probe_id} is or was in Tajikistan"
        if None in countries:
            return f"where probe {probe_id} is, is not known (`rasad ingest-probes FILE` tells)"
    return None
