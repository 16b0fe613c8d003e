"""The doors that a process is handed: to RIPE Atlas, to RIPEstat, to a name server. Nobody else makes them."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from pydantic import SecretStr

from app.dependencies import atlas_label, atlas_origin, endpoint_of
from app.notifying import AppriseNotifier, Notifier
from app.operations.fetch_window import Fetched, Fetcher
from app.operations.prepare_records import Preparer
from app.resolving import DnsResolver
from app.settings import Settings, UnusableSettings
from app.store.engine import Transaction
from measurements.agreements.addresses import Resolver
from measurements.atlas.client import AtlasClient
from measurements.atlas.endpoint import Keys, Limits
from measurements.atlas.gateway import AtlasGateway
from measurements.atlas.repeating import OnRepeat
from measurements.clock import Clock
from measurements.ripestat.client import RipestatClient
from measurements.ripestat.endpoint import Endpoint as RipestatEndpoint
from measurements.ripestat.endpoint import Limits as RipestatLimits
from measurements.ripestat.gateway import RipestatGateway


@contextmanager
def make_atlas(
    settings: Settings,
    clock: Clock,
    on_repeat: OnRepeat = lambda _failure, _wait_s: None,
    limits: Limits | None = None,
) -> Iterator[AtlasGateway]:
    """The door to RIPE Atlas that the settings name. Nothing is asked before the first call."""
    keys = Keys(
        create=_secret(settings.atlas_create_key or settings.atlas_key),
        read=_secret(settings.atlas_read_key or settings.atlas_key),
        stop=_secret(settings.atlas_stop_key or settings.atlas_key),
    )
    with closing(AtlasClient(endpoint_of(settings), clock, keys=keys, limits=limits, on_repeat=on_repeat)) as client:
        yield client


def asks_credits(settings: Settings) -> bool:
    """Whether a key is configured that may read what is left on the account."""
    return settings.atlas_read_key is not None or settings.atlas_key is not None


def backup_folder(settings: Settings) -> Path | None:
    """Where backups are made every night; None where none are: a rehearsal's nights pass in minutes."""
    return None if settings.atlas_is_rehearsal else settings.backup_folder


def asks_ripestat(settings: Settings) -> bool:
    """Whether RIPEstat may be asked: during a rehearsal only one on this machine, since nothing of it may leave."""
    return not settings.atlas_is_rehearsal or _ripestat(settings).is_loopback


@contextmanager
def make_ripestat(settings: Settings, clock: Clock, limits: RipestatLimits | None = None) -> Iterator[RipestatGateway]:
    """The door to the RIPEstat that the settings name. Raises `UnusableSettings` where it may not be asked."""
    if not asks_ripestat(settings):
        raise UnusableSettings(
            "RASAD_RIPESTAT_URL: a rehearsal asks nothing of the Internet; name a RIPEstat on this machine, take in "
            "recorded answers with rasad ingest-registry FILE --label rehearsed, or unset RASAD_ATLAS_IS_REHEARSAL"
        )
    with closing(RipestatClient(_ripestat(settings), clock, limits=limits)) as client:
        yield client


def asks_names(settings: Settings) -> bool:
    """Whether it may be asked where names lead: during a rehearsal only a name server on this machine that is named."""
    if not settings.atlas_is_rehearsal:
        return True
    return settings.name_server is not None and ip_address(settings.name_server.partition("#")[0]).is_loopback


def make_resolver(settings: Settings) -> Resolver:
    """Whoever says where names lead. Raises `UnusableSettings` where nobody may be asked."""
    if not asks_names(settings):
        raise UnusableSettings(
            "RASAD_NAME_SERVER: a rehearsal asks nothing of the Internet; name a name server on this machine, or unset "
            "RASAD_ATLAS_IS_REHEARSAL"
        )
    if settings.name_server is None:
        return DnsResolver()
    host, _, port = settings.name_server.partition("#")
    return DnsResolver(host, int(port))


def make_fetcher(
    settings: Settings,
    transaction: Transaction,
    clock: Clock,
    atlas: AtlasGateway,
    *,
    workers: int = 1,
    on_batch: Callable[[Fetched], None] = lambda _: None,
) -> Fetcher:
    """What fetches results from the Atlas that the settings name. One process is enough but for backfills."""
    return Fetcher(
        transaction=transaction,
        atlas=atlas,
        clock=clock,
        preparer=Preparer(workers),
        label=atlas_label(settings),
        origin=atlas_origin(settings),
        on_batch=on_batch,
    )


def _ripestat(settings: Settings) -> RipestatEndpoint:
    return RipestatEndpoint(address=settings.ripestat_url, sourceapp=settings.ripestat_sourceapp)


class Notifiers(NamedTuple):
    """By whom what is told."""

    alerts: Notifier
    reminders: Notifier


def make_notifiers(settings: Settings) -> Notifiers:
    """Whoever is told of alerts and of reminders. Raises `UnusableAddress`."""
    return Notifiers(
        _notifier(settings.alert_urls, "RASAD_ALERT_URLS"), _notifier(settings.reminder_urls, "RASAD_REMINDER_URLS")
    )


def _notifier(addresses: SecretStr | None, setting: str) -> Notifier:
    return AppriseNotifier(addresses.get_secret_value().split() if addresses else (), setting)


def _secret(key: SecretStr | None) -> str | None:
    return None if key is None else key.get_secret_value()
