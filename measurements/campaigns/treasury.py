"""The treasury: whose credits a dispatch spends, and how many are left. Entries are added and never changed.

An account is a signatory's word that it pays for what is measured under an agreement, for one campaign of it by name or
for all the rest. Credits are *allotted* to it, and taken back while nobody holds them. Before something is dispatched
all that it may cost is *reserved*; when the platform has created it that is *committed*; what the platform charges for
delivered results is *settled*; what is left then, or of what failed, is *released*.

An agreement to which nothing was allotted is held to its card's `max_credits` alone. From the first allotment on
everything under it is paid from an account, or refused.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from measurements.agreements.parties import Party


class EntryKind(StrEnum):
    """What was done with credits of an account."""

    ALLOT = "allot"
    """Given to the account; less than nothing is taken back."""
    RESERVE = "reserve"
    """Held for a dispatch: all that it may cost."""
    COMMIT = "commit"
    """The platform has created it; the figure is what is held."""
    SETTLE = "settle"
    """Charged by the platform, out of what is held."""
    RELEASE = "release"
    """Not needed, and free again."""


EFFECTS = {EntryKind.ALLOT: 1, EntryKind.RELEASE: 1, EntryKind.RESERVE: -1}
"""Of a credit on what is available."""


class Account(NamedTuple):
    """Credits of a signatory for an agreement. It never holds less than nothing."""

    account_id: int
    label: str
    """`measured` or `rehearsed`: credits of RIPE Atlas and those of a rehearsal are not each other's."""
    agreement_id: int
    payer: Party
    campaign: str | None
    """By name; None for everything under the agreement whose campaign has no account of its own."""
    available: int


class Entry(NamedTuple):
    """One of them. Instants are seconds since the epoch, UTC."""

    entry_id: int
    account_id: int
    kind: EntryKind
    credits: int
    available: int
    """In the account, after it."""
    dispatch_id: int | None
    entered_at: int
    person_id: int | None
    """Who allotted; None where the service did it."""


class Holding(NamedTuple):
    """What became of the credits of one dispatch."""

    account_id: int
    reserved: int = 0
    committed: int = 0
    settled: int = 0
    released: int = 0

    @property
    def held(self) -> int:
        """Reserved, and neither spent nor free again."""
        return self.reserved - self.settled - self.released


class Step(NamedTuple):
    """An entry that is to be made."""

    kind: EntryKind
    credits: int


def suitable(accounts: Iterable[Account], campaign: str | None) -> list[Account]:
    """The accounts that pay for a campaign: its own, else those for all the rest; in order of their numbers."""
    listed = sorted(accounts)
    own = [one for one in listed if campaign is not None and one.campaign == campaign]
    return own or [one for one in listed if one.campaign is None]


def payer_of(accounts: Iterable[Account], campaign: str | None, credits_: int) -> Account | None:
    """The first account that can pay for all of it alone; None where none can."""
    return next((one for one in suitable(accounts, campaign) if one.available >= credits_), None)


def settlement(holding: Holding, charged: int, available: int, *, is_final: bool) -> Iterator[Step]:
    """The entries after the platform has charged so much in all. `available` is what else is in the account.

    Results that arrived twice were charged twice, so it may be more than was held: as much as there is is reserved
    after the fact. `unpaid` says what is missing then.
    """
    due = max(0, charged - holding.settled)
    beyond = min(max(0, due - holding.held), available)
    if beyond:
        yield Step(EntryKind.RESERVE, beyond)
    paid = min(due, holding.held + beyond)
    if paid:
        yield Step(EntryKind.SETTLE, paid)
    left = holding.held + beyond - paid
    if is_final and left:
        yield Step(EntryKind.RELEASE, left)


def unpaid(holding: Holding, charged: int) -> int:
    """What the platform charged and no account has paid."""
    return max(0, charged - holding.settled)


def held_together(entries: Sequence[Entry]) -> dict[int, Holding]:
    """What became of the credits of each dispatch, by its number. The last account that it drew on counts."""
    found: dict[int, Holding] = {}
    for one in entries:
        if one.dispatch_id is None:
            continue
        before = found.get(one.dispatch_id, Holding(one.account_id))._replace(account_id=one.account_id)
        field = _FIELDS[one.kind]
        found[one.dispatch_id] = before._replace(**{field: getattr(before, field) + one.credits})
    return found


_FIELDS = {
    EntryKind.RESERVE: "reserved",
    EntryKind.COMMIT: "committed",
    EntryKind.SETTLE: "settled",
    EntryKind.RELEASE: "released",
}
