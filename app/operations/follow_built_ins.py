"""Follow the built-ins that campaigns read: RIPE NCC's own, which answer a part of a question for nothing."""

from collections.abc import Iterable

import structlog

from app.operations.fetch_window import Fetcher
from app.operations.follow_measurement import follow_measurement
from app.store.campaigns import require_held
from app.store.followed import find_followed
from measurements.atlas.gateway import Filters
from measurements.campaigns.campaign import BuiltIns
from measurements.errors import RasadError

_log = structlog.get_logger("rasad.campaigns")
CONNECTED = 1


def follow_built_ins(fetcher: Fetcher, campaign_ids: Iterable[int]) -> int:
    """Follow what these campaigns read and nobody follows yet; gives how many are new.

    What may not be read yet, or could not be asked for, is said and left for the next round.
    """
    n_new = 0
    for campaign_id in campaign_ids:
        with fetcher.transaction() as connection:
            wanted = require_held(connection, campaign_id).document.built_ins
            followed = {
                atlas_id
                for one in wanted
                for atlas_id in one.atlas_ids
                if find_followed(connection, fetcher.label, atlas_id) is not None
            }
        n_new += sum(_follow(fetcher, one, followed) for one in wanted if not followed.issuperset(one.atlas_ids))
    return n_new


def _follow(fetcher: Fetcher, wanted: BuiltIns, followed: set[int]) -> int:
    n_new = 0
    try:
        probe_ids = _probes(fetcher, wanted)
        for atlas_id in set(wanted.atlas_ids) - followed:
            n_new += follow_measurement(
                fetcher.transaction, fetcher.atlas, fetcher.clock, atlas_id=atlas_id, label=fetcher.label,
                origin=fetcher.origin, probe_ids=probe_ids,
            ).is_new  # fmt: skip
    except RasadError as error:
        _log.warning("a built-in is not followed", atlas_ids=wanted.atlas_ids, why=str(error))
    return n_new


def _probes(fetcher: Fetcher, wanted: BuiltIns) -> list[int] | None:
    """Whose results are read: those that are named, and those that are connected in the country now."""
    if wanted.country is None:
        return list(wanted.probe_ids) or None
    filters: Filters = {"country_code": wanted.country, "status": CONNECTED}
    found = [int(probe["id"]) for probe in fetcher.atlas.probes(filters, fields=["id"])]
    return sorted({*found, *wanted.probe_ids})
