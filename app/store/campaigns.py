"""Campaigns, and what each version of them asks for."""

from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, insert, select, update

from app.store import tables
from app.store.bulk import next_id
from measurements.campaigns.campaign import Campaign, digest, read_campaign, written_out
from measurements.campaigns.standing import State
from measurements.canonical import written
from measurements.results.outcome import Label


class Held(NamedTuple):
    """A campaign as it stands. Instants are seconds since the epoch, UTC."""

    campaign_id: int
    label: Label
    state: State
    version: int
    next_at: int | None
    """When its next round is due; None where none is."""
    changed_at: int
    document: Campaign
    """What the version that holds asks for."""
    digest: str
    applied_by: int | None
    applied_at: int


class Version(NamedTuple):
    """What a campaign asked for from an instant on."""

    version: int
    digest: str
    agreement_id: int
    applied_by: int | None
    applied_at: int


def find_campaign(connection: Connection, label: Label, name: str, *, lock: bool = False) -> Held | None:
    """One by its name, None where there is none; with its row locked until the unit of work ends, if that is wanted."""
    column = tables.campaigns.c
    which = (column.label == label.value) & (column.name == name)
    if lock:
        connection.execute(select(column.id).where(which).with_for_update())
    return _held(connection, _query().where(which))


def require_held(connection: Connection, campaign_id: int, *, lock: bool = False) -> Held:
    """One that is known to be there, by its number; with its row locked, if that is wanted."""
    which = tables.campaigns.c.id == campaign_id
    if lock:
        connection.execute(select(tables.campaigns.c.id).where(which).with_for_update())
    return _read(connection.execute(_query().where(which)).one())


def list_campaigns(connection: Connection, label: Label, *, after: str | None = None, limit: int = 100) -> list[Held]:
    """Some of them in order of their names."""
    column = tables.campaigns.c
    query = _query().where(column.label == label.value, column.name > (after or "")).order_by(column.name)
    return [_read(row) for row in connection.execute(query.limit(limit))]


def find_due(connection: Connection, label: Label, until_at: int, limit: int) -> list[int]:
    """Numbers of the campaigns of which a round is due by an instant, the longest due first."""
    column = tables.campaigns.c
    query = select(column.id).where(column.label == label.value, column.next_at <= until_at)
    return list(connection.execute(query.order_by(column.next_at, column.id).limit(limit)).scalars())


def list_versions(connection: Connection, campaign_id: int) -> list[Version]:
    """Every version of one, in order."""
    column = tables.campaign_versions.c
    query = select(column.version, column.digest, column.agreement_id, column.applied_by, column.applied_at)
    found = connection.execute(query.where(column.campaign_id == campaign_id).order_by(column.version))
    return [Version(*row) for row in found]


def add_campaign(connection: Connection, label: Label, document: Campaign, person_id: int | None, now: int) -> int:
    """Note a new one, of which nothing is due yet; gives its number."""
    number = next_id(connection, tables.campaigns)
    connection.execute(
        insert(tables.campaigns).values(
            id=number, label=label.value, name=document.name, state=State.ACTIVE.value, version=1, next_at=None,
            changed_at=now,
        )
    )  # fmt: skip
    _add_version(connection, number, 1, document, person_id, now)
    return number


def add_version(connection: Connection, held: Held, document: Campaign, person_id: int | None, now: int) -> int:
    """Have it ask for something else from now on; gives the number of the version."""
    version = held.version + 1
    _add_version(connection, held.campaign_id, version, document, person_id, now)
    set_campaign(connection, held.campaign_id, version=version, changed_at=now)
    return version


def set_campaign(connection: Connection, campaign_id: int, **what: int | str | None) -> None:
    """Note how it stands: state, version, next_at, changed_at."""
    connection.execute(update(tables.campaigns).where(tables.campaigns.c.id == campaign_id).values(what))


def _add_version(
    connection: Connection, campaign_id: int, version: int, document: Campaign, person_id: int | None, now: int
) -> None:
    connection.execute(
        insert(tables.campaign_versions).values(
            campaign_id=campaign_id, version=version, document=written(written_out(document)),
            digest=digest(document), agreement_id=document.agreement_id, applied_by=person_id, applied_at=now,
        )
    )  # fmt: skip


def _query() -> Select[Any]:
    campaign, version = tables.campaigns, tables.campaign_versions
    is_held = (version.c.campaign_id == campaign.c.id) & (version.c.version == campaign.c.version)
    said = (version.c.document, version.c.digest, version.c.applied_by, version.c.applied_at)
    return select(campaign, *said).join(version, is_held)


def _held(connection: Connection, query: Select[Any]) -> Held | None:
    row = connection.execute(query).first()
    return None if row is None else _read(row)


def _read(row: Any) -> Held:
    return Held(
        campaign_id=row.id,
        label=Label(row.label),
        state=State(row.state),
        version=row.version,
        next_at=row.next_at,
        changed_at=row.changed_at,
        document=read_campaign(orjson.loads(row.document)["campaign"]),
        digest=row.digest,
        applied_by=row.applied_by,
        applied_at=row.applied_at,
    )
