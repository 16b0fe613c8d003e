"""Verifies the audit trail: recomputes every hash, compares it with every checkpoint, and names what does not fit.

What was written after the last checkpoint and is rewritten from some entry on to the end, with all hashes made anew,
fits together: nobody can tell. That is why checkpoints are made often, and copies of them are kept elsewhere.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice
from typing import NamedTuple

from measurements.agreements.audit import GENESIS, Entry, hash_of, in_dushanbe, in_utc, readable
from measurements.agreements.checkpoints import Checkpoint, read_line

MOST_TRIED = 100
"""Places at which a damaged entry is looked for: with more damage than that, naming each is no help."""


class FaultKind(StrEnum):
    """What does not fit."""

    ALTERED = "altered"
    """What the entry says does not give its hash."""
    MOVED = "moved"
    """The entry stands where another one belongs."""
    REMOVED = "removed"
    """Entries are gone."""
    REPLACED = "replaced"
    """The entry is whole, and not the one that the next one names."""
    REWRITTEN = "rewritten"
    """The trail fits together, and is not the one that a checkpoint signed."""
    UNSIGNED = "unsigned"
    """A checkpoint is not signed by the key."""
    UNREADABLE = "unreadable"
    """A line is no checkpoint."""


class Fault(NamedTuple):
    """Something that does not fit, and the entry to name for it; None where it is none, or nobody knows any more."""

    kind: FaultKind
    says: str
    number: int | None = None
    act: str | None = None
    at: int | None = None


class Findings(NamedTuple):
    """What was verified, and what does not fit."""

    n_entries: int
    head: str
    n_checkpoints: int
    """Those that are signed by the key."""
    last_checkpoint: Checkpoint | None
    """Which counts the most entries."""
    faults: tuple[Fault, ...]

    @property
    def is_intact(self) -> bool:
        """Whether everything fits."""
        return not self.faults

    @property
    def n_unsealed(self) -> int:
        """Entries after the last checkpoint: nobody could tell whether the last of them were removed."""
        return self.n_entries - (self.last_checkpoint.n_entries if self.last_checkpoint else 0)


def verify_chain(
    entries: Iterable[Entry], lines: Sequence[bytes] = (), is_signed: Callable[[Checkpoint], bool] = lambda _: True
) -> Findings:
    """Verify entries in the order of their numbers, against the lines in which checkpoints are kept.

    Memory: eight bytes for an entry, and what is damaged.
    """
    faults: list[Fault] = []
    checkpoints = list(_trusted(lines, is_signed, faults))
    walk = _Walk(sealed={one.n_entries for one in checkpoints})
    for entry in entries:
        walk.take(entry)
    faults += _told(walk, checkpoints)
    return Findings(
        n_entries=walk.n_entries,
        head=walk.before.hash if walk.before else GENESIS,
        n_checkpoints=len(checkpoints),
        last_checkpoint=max(checkpoints, key=lambda one: one.n_entries, default=None),
        faults=tuple(faults),
    )


@dataclass(slots=True)
class _Walk:
    """What one look at every entry finds."""

    sealed: set[int]
    """The numbers at which checkpoints were made."""
    n_entries: int = 0
    before: Entry | None = None
    is_before_whole: bool = True
    whole: "array[int]" = field(default_factory=lambda: array("q"))
    """The numbers of entries that have the hash they must have."""
    broken: list[Entry] = field(default_factory=list)
    replaced: list[tuple[Entry | None, Entry]] = field(default_factory=list)
    """Two whole entries of which the second does not name the first."""
    remembered: dict[int, Entry] = field(default_factory=dict)
    """Whole entries at checkpoints and beside gaps."""

    def take(self, entry: Entry) -> None:
        is_whole = hash_of(entry) == entry.hash
        if is_whole:
            self.whole.append(entry.number)
            self._link(entry)
        else:
            self.broken.append(entry)
        if is_whole and entry.number in self.sealed:
            self.remembered[entry.number] = entry
        self.n_entries += 1
        self.before, self.is_before_whole = entry, is_whole

    def _link(self, entry: Entry) -> None:
        is_first = entry.number <= 1
        if is_first or (self.before and self.before.number == entry.number - 1):
            named = self.before.hash if self.before else GENESIS
            if (entry.previous != named and self.is_before_whole) or entry.number < 1:
                self.replaced.append((self.before, entry))
        else:
            self.remembered[entry.number] = entry
            if self.before and self.is_before_whole:
                self.remembered[self.before.number] = self.before


def _trusted(
    lines: Sequence[bytes], is_signed: Callable[[Checkpoint], bool], faults: list[Fault]
) -> Iterator[Checkpoint]:
    for number, line in enumerate(lines, 1):
        checkpoint = read_line(line)
        if checkpoint is None:
            faults.append(Fault(FaultKind.UNREADABLE, f"line {number} of the checkpoints is damaged: it is none"))
        elif not is_signed(checkpoint):
            told = f"the checkpoint of {in_utc(checkpoint.at)} in line {number} is not signed by the key"
            faults.append(Fault(FaultKind.UNSIGNED, told))
        else:
            yield checkpoint


def _told(walk: _Walk, checkpoints: Sequence[Checkpoint]) -> Iterator[Fault]:
    known = [*walk.whole[-1:], *walk.sealed]
    homes = _homes(walk.broken, list(_missing(walk.whole, max([walk.n_entries, *known]))))
    for entry in walk.broken:
        home = homes.get(entry.number)
        if home is None:
            told = f"{named(entry)} was altered: what it says does not give its hash"
            yield _fault(FaultKind.ALTERED, entry, told)
        else:
            at_home = entry._replace(number=home)
            yield _fault(FaultKind.MOVED, at_home, f"{named(at_home)} stands in the place of entry {entry.number}")
    for before, entry in walk.replaced:
        yield _replaced(before, entry)
    placed = [homes.get(entry.number, entry.number) for entry in walk.broken]
    present = sorted([*walk.whole, *placed])
    last = max([*known, *(number for number in placed if number <= walk.n_entries)], default=0)
    heads = {one.n_entries: one for one in checkpoints}
    for gap in _missing(present, last):
        yield _removed(gap, walk, heads)
    yield from _rewritten(walk, checkpoints)


def _homes(broken: Sequence[Entry], missing: Sequence[range]) -> dict[int, int]:
    """Where damaged entries belong that are whole at another place: the place they stand at -> their own."""
    tried = broken[:MOST_TRIED]
    numbers = [*(entry.number for entry in tried), *islice((n for gap in missing for n in gap), MOST_TRIED)]
    homes = {}
    for entry in tried:
        swapped = (other.number for other in tried if other is not entry and _says_what(entry, other))
        moved = (number for number in numbers if hash_of(entry._replace(number=number)) == entry.hash)
        home = next(moved, None) or next(swapped, None)
        if home is not None:
            homes[entry.number] = home
    return homes


def _says_what(entry: Entry, other: Entry) -> bool:
    """Whether an entry says what gives the hash at another place."""
    return hash_of(entry._replace(number=other.number, previous=other.previous)) == other.hash


def _missing(present: Sequence[int], last: int) -> Iterator[range]:
    """The gaps between ascending numbers from 1 to `last`."""
    expected = 1
    for number in present:
        if expected <= last and number > expected:
            yield range(expected, min(number, last + 1))
        expected = max(expected, number + 1)
    if expected <= last:
        yield range(expected, last + 1)


def _replaced(before: Entry | None, entry: Entry) -> Fault:
    if entry.number < 1:
        return _fault(FaultKind.REPLACED, entry, f"{named(entry)} has a number that no entry was ever given")
    if before is None:
        return _fault(FaultKind.REPLACED, entry, f"{named(entry)} is not the first one of this trail")
    told = f"{named(entry)} does not follow {named(before)}: one of them was put in the place of another"
    return _fault(FaultKind.REPLACED, before, told)


def _removed(gap: range, walk: _Walk, heads: dict[int, Checkpoint]) -> Fault:
    before, after = walk.remembered.get(gap.start - 1), walk.remembered.get(gap.stop)
    what = f"entry {gap.start} is" if len(gap) == 1 else f"entries {gap.start} to {gap.stop - 1} are"
    where = f", between {named(before)} and {named(after)}" if before and after else ""
    sealed = heads.get(gap.stop - 1)
    if sealed is None:
        return Fault(FaultKind.REMOVED, f"{what} missing{where}", gap.start)
    head = f"{readable(sealed.head_act)}, {_when(sealed.head_at)}"
    told = (
        f"{what} missing{where}: the checkpoint of {in_utc(sealed.at)} counted {sealed.n_entries}, the last one {head}"
    )
    if len(gap) > 1:
        return Fault(FaultKind.REMOVED, told, gap.start)
    return Fault(FaultKind.REMOVED, told, gap.start, sealed.head_act, sealed.head_at)


def _rewritten(walk: _Walk, checkpoints: Sequence[Checkpoint]) -> Iterator[Fault]:
    """The first whole entry that stands where a checkpoint signed another one."""
    same = 0
    for checkpoint in sorted(checkpoints, key=lambda one: one.n_entries):
        entry = walk.remembered.get(checkpoint.n_entries)
        if entry is None:
            continue
        if entry.hash != checkpoint.head:
            where = f"somewhere from entry {same + 1} to entry {entry.number}" if entry.number > same + 1 else "there"
            told = (
                f"{named(entry)} is not the one that the checkpoint of {in_utc(checkpoint.at)} signed "
                f"({readable(checkpoint.head_act)}, {_when(checkpoint.head_at)}): the trail was rewritten {where}"
            )
            yield _fault(FaultKind.REWRITTEN, entry, told)
            return
        same = checkpoint.n_entries


def named(entry: Entry) -> str:
    """An entry as people call it: by its number, what was done, and when, in both zones."""
    return f"entry {entry.number} ({readable(entry.act)}, {_when(entry.at)})"


def _when(at: int) -> str:
    return f"{in_utc(at)}, in Dushanbe {in_dushanbe(at)}"


def _fault(kind: FaultKind, entry: Entry, told: str) -> Fault:
    return Fault(kind, told, entry.number, readable(entry.act), entry.at)
