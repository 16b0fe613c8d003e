"""Look where the names of targets lead, and say so where that is elsewhere than was pinned. Done daily."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import structlog
from sqlalchemy import Connection

from app.store import catalogue as store
from app.store.audit import append
from app.store.engine import Transaction
from measurements.agreements.addresses import NotResolved, Resolver, has_drifted
from measurements.agreements.audit import Act, Deed, Subject, SubjectKind
from measurements.agreements.catalogue import CatalogueEntry
from measurements.clock import Clock
from measurements.units import seconds

_log = structlog.get_logger("rasad.targets")


class Looked(NamedTuple):
    """What came of looking."""

    n_asked: int
    drifted: tuple[str, ...]
    """Names that lead elsewhere than was pinned."""


def look_after_targets(
    transaction: Transaction, resolver: Resolver, clock: Clock, on_answer: Callable[[], object] = lambda: None
) -> Looked:
    """Resolve every name of the catalogue again, and note what was seen; each name is a unit of work.

    A drift is never taken back here: a party confirms it. Raises `NotResolved`, when all were asked, where some were
    not answered; those stay as they are.
    """
    with transaction() as connection:
        names = [entry.name for entry in store.find_entries(connection) if entry.has_name]
    drifted, failures = list[str](), list[str]()
    for name in names:
        try:
            seen = resolver.addresses(name)
        except NotResolved as failure:
            failures.append(str(failure))
            continue
        finally:
            on_answer()
        with transaction() as connection:
            if _note(connection, name, seen, seconds(clock.now())):
                drifted.append(name)
    if failures:
        raise NotResolved(_few(failures))
    return Looked(len(names), tuple(drifted))


def _note(connection: Connection, name: str, seen: frozenset[str], now: int) -> bool:
    """Note what was seen, beside what is pinned by now; gives whether it is something else."""
    before = store.find_entry(connection, name)
    if before is None:
        return False
    is_elsewhere = bool(before.pinned_addresses) and has_drifted(before.pinned_addresses, seen)
    entry = before._replace(looked_at=now, seen_addresses=seen)
    if is_elsewhere:
        entry = entry._replace(drifted_at=now if before.drifted_at is None else before.drifted_at)
    store.put_entry(connection, entry, now)
    if is_elsewhere and (before.drifted_at is None or before.seen_addresses != seen):
        _tell(connection, entry, seen, now)
    return is_elsewhere


def _tell(connection: Connection, entry: CatalogueEntry, seen: frozenset[str], now: int) -> None:
    told = {"seen_addresses": sorted(seen), "pinned_addresses": sorted(entry.pinned_addresses)}
    subject = Subject(SubjectKind.TARGET, entry.name)
    append(connection, Deed(at=now, act=Act.TARGET_DRIFTED, person_id=None, subject=subject, details=told))
    _log.warning("a target's name leads elsewhere; nothing is measured until a party confirms", name=entry.name, **told)


def _few(failures: Iterable[str], most: int = 3) -> str:
    listed = list(failures)
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return "; ".join(listed[:most]) + more
