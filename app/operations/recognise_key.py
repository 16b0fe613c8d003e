"""Recognise a key: who sent it, or why it is refused. Nothing is remembered from one request to the next."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from app.operations.key_secrets import ClaimedKey, is_same_key, read_key
from app.store.designations import holding_designations
from app.store.engine import Transaction
from app.store.keys import HeldKey, find_key, note_use
from app.store.people import find_person
from app.store.wrong_tries import Kind, Limit, Subject, count_wrong_try, locked_until
from measurements.agreements.people import Caller
from measurements.errors import RasadError
from measurements.units import iso

LIMITS = {Kind.KEY: Limit(10, 900, 900), Kind.ADDRESS: Limit(20, 900, 900)}
"""Ten wrong tries of one key, or twenty from one address, within a quarter of an hour close the door for another."""
USE_NOTED_EVERY_S = 60
IPV6_PREFIX = 64
"""An IPv6 network of this length is one client: it has as many addresses as it likes."""

_log = structlog.get_logger("rasad.keys")


class NotRecognised(RasadError):
    """The key is unknown, has expired or was revoked."""


class LockedOut(RasadError):
    """There were too many wrong tries."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"Too many wrong keys were tried. Try again in {wait_s} seconds.")
        self.wait_s = wait_s


class Recognised(NamedTuple):
    """Whose key it is, and whether its use should be noted."""

    caller: Caller
    key_id: int
    is_use_due: bool


def recognise_key(snapshot: Transaction, transaction: Transaction, text: str, address: str, now_at: int) -> Recognised:
    """Say whose key it is. Raises `NotRecognised`, and `LockedOut` after too many wrong tries.

    An unknown key and a wrong one cost the same: the same questions to the database, and one comparison.
    """
    claimed = read_key(text)
    subjects = _subjects(claimed, address)
    with snapshot() as connection:
        until_at = locked_until(connection, subjects, now_at)
        held = find_key(connection, claimed.key_id or 0)
        is_right = is_same_key(claimed, held.digest if held else None)
        caller = find_caller(connection, held.key_id, now_at) if held and is_right and until_at is None else None
    if until_at is not None:
        raise LockedOut(until_at - now_at)
    if held is None or not is_right:
        with transaction() as connection:
            _count(connection, subjects, now_at)
        raise NotRecognised("The key is not known.")
    if caller is None:
        raise NotRecognised(_why_unusable(held, now_at) or "The key is not known.")
    is_use_due = held.last_used_at is None or held.last_used_at <= now_at - USE_NOTED_EVERY_S
    return Recognised(caller, held.key_id, is_use_due)


def find_caller(connection: Connection, key_id: int, now_at: int) -> Caller | None:
    """Who a key stands for now; None where it has expired or was revoked."""
    held = find_key(connection, key_id)
    person = find_person(connection, held.person_id) if held and _why_unusable(held, now_at) is None else None
    if held is None or person is None:
        return None
    designations = holding_designations(connection, now_at, person_id=person.person_id)
    designation_id = designations[0].designation_id if designations else None
    return Caller(person, held.scopes, designation_id, held.key_id)


def note_key_used(transaction: Transaction, key_id: int, now_at: int) -> None:
    """Note that a key is used, at most once a minute."""
    with transaction() as connection:
        note_use(connection, key_id, now_at, USE_NOTED_EVERY_S)


def _why_unusable(held: HeldKey, now_at: int) -> str | None:
    if held.revoked_at is not None:
        return f"The key {held.prefix}… was revoked at {iso(held.revoked_at)}."
    if held.expires_at <= now_at:
        return f"The key {held.prefix}… expired at {iso(held.expires_at)}."
    return None


def _subjects(claimed: ClaimedKey, address: str) -> list[Subject]:
    """What a wrong try counts against: the address, and the key that it pretends to be."""
    named = [] if claimed.key_id is None else [Subject(Kind.KEY, str(claimed.key_id))]
    return [Subject(Kind.ADDRESS, _client(address)), *named]


def _client(address: str) -> str:
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return f"{IPv6Address(int(parsed) >> IPV6_PREFIX << IPV6_PREFIX)}/{IPV6_PREFIX}"


def _count(connection: Connection, subjects: Sequence[Subject], now_at: int) -> None:
    for subject in subjects:
        if count_wrong_try(connection, subject, LIMITS[subject.kind], now_at):
            _log.warning("locked out after too many wrong keys", by=subject.kind.value, who=subject.name)
