"""Whatever is done to a trail is found, and named by what people know it by."""

from collections.abc import Sequence

import pytest

from measurements.agreements.audit import GENESIS, Act, Entry, enter, hash_of
from measurements.agreements.chain import MOST_TRIED, FaultKind, Findings, verify_chain
from measurements.agreements.checkpoints import Checkpoint, line_of, on_the_wire, read_line, sealed, signature_of
from tests.audit import DEEDS, T0, altered, chain

WHOLE = chain()


def checkpoint(n_entries: int, entries: Sequence[Entry] = WHOLE) -> Checkpoint:
    """As it was made when the trail was so long."""
    last = entries[n_entries - 1]
    unsigned = Checkpoint(
        at=last.at + 1, n_entries=n_entries, head=last.hash, head_act=last.act, head_at=last.at, key="k"
    )
    return sealed(unsigned, b"signed")


def is_signed(one: Checkpoint) -> bool:
    return signature_of(one) == b"signed"


def verified(entries: Sequence[Entry], *sealed_at: int) -> Findings:
    return verify_chain(entries, [line_of(checkpoint(n)) for n in sealed_at], is_signed)


def told(entries: Sequence[Entry], *sealed_at: int) -> list[tuple[FaultKind, int | None]]:
    return [(fault.kind, fault.number) for fault in verified(entries, *sealed_at).faults]


def rehashed(entries: Sequence[Entry]) -> list[Entry]:
    """The trail numbered and hashed anew, as somebody would who knows how it is made."""
    made: list[Entry] = []
    for entry in entries:
        placed = entry._replace(number=len(made) + 1, previous=made[-1].hash if made else GENESIS)
        made.append(placed._replace(hash=hash_of(placed)))
    return made


def test_a_whole_trail_is_intact() -> None:
    findings = verified(WHOLE, 2, 4)

    assert (findings.is_intact, findings.n_entries, findings.head) == (True, 6, WHOLE[-1].hash)
    assert (findings.n_checkpoints, findings.n_unsealed) == (2, 2)
    assert verified([]).is_intact
    assert verified([]).head == GENESIS


@pytest.mark.parametrize("name", Entry._fields)
@pytest.mark.parametrize("index", range(len(WHOLE)))
def test_an_altered_entry_is_found(index: int, name: str) -> None:
    """Any field of any entry; it is named by its number, act and time, and no other is."""
    entry = WHOLE[index]
    value = getattr(entry, name)
    other = altered(entry, name, value + 100 if isinstance(value, int) else f"{value}!")
    damaged = sorted([*WHOLE[:index], other, *WHOLE[index + 1 :]])

    (fault,) = verified(damaged, len(WHOLE)).faults

    expected = FaultKind.MOVED if name == "number" else FaultKind.ALTERED
    assert (fault.kind, fault.number, fault.at, fault.act) == (expected, entry.number, other.at, other.act)
    assert f"entry {entry.number} ({other.act}, " in fault.says


def test_a_fault_is_said_in_words() -> None:
    damaged = [*WHOLE[:3], WHOLE[3]._replace(reason="because"), *WHOLE[4:]]

    (fault,) = verified(damaged).faults

    assert fault.says == (
        "entry 4 (vote_cast, 2026-11-24T06:02:00Z, in Dushanbe 2026-11-24T11:02:00+05:00) was altered: "
        "what it says does not give its hash"
    )


@pytest.mark.parametrize("index", range(len(WHOLE)))
def test_a_removed_entry_is_found(index: int) -> None:
    """The last one by the checkpoint, which knows what it was."""
    (fault,) = verified([*WHOLE[:index], *WHOLE[index + 1 :]], len(WHOLE)).faults

    assert (fault.kind, fault.number) == (FaultKind.REMOVED, index + 1)
    if 0 < index < len(WHOLE) - 1:
        assert f"between entry {index} (" in fault.says
    if index == len(WHOLE) - 1:
        assert (fault.act, fault.at) == (WHOLE[-1].act, WHOLE[-1].at)
        assert "counted 6, the last one agreement_withdrawn, 2026-11-24T06:04:00Z" in fault.says


def test_several_removed_entries_are_found() -> None:
    assert told([WHOLE[0], WHOLE[4]], 6) == [(FaultKind.REMOVED, 2), (FaultKind.REMOVED, 6)]
    assert told(WHOLE[:2], 3, 6) == [(FaultKind.REMOVED, 3)]
    assert "entries 3 to 6 are missing" in verified(WHOLE[:2], 3, 6).faults[0].says
    assert verified(WHOLE[:2], 3, 6).faults[0].act is None, "several have no one act"


def test_a_whole_trail_that_was_removed_is_found() -> None:
    (fault,) = verified([], 4, 6).faults

    assert (fault.kind, fault.number) == (FaultKind.REMOVED, 1)
    assert "entries 1 to 6 are missing: the checkpoint of 2026-11-24T06:04:01Z counted 6" in fault.says


def test_without_a_checkpoint_the_last_one_is_missed_by_nobody() -> None:
    """Which is what checkpoints are for, and what the findings say."""
    findings = verified(WHOLE[:-1])

    assert (findings.is_intact, findings.n_unsealed) == (True, 5)


@pytest.mark.parametrize(("one", "other"), [(0, 1), (1, 4), (4, 5), (0, 5)])
def test_swapped_entries_are_found(one: int, other: int) -> None:
    """Both, by what they were: whether their hashes went with them or stayed in their places."""
    with_hashes, without = list(WHOLE), list(WHOLE)
    for here, there in ((one, other), (other, one)):
        with_hashes[here] = WHOLE[there]._replace(number=here + 1)
        place = WHOLE[here]
        without[here] = WHOLE[there]._replace(number=place.number, previous=place.previous, hash=place.hash)

    for damaged in (with_hashes, without):
        faults = verified(damaged, 6).faults
        assert {(fault.kind, fault.number, fault.act) for fault in faults} == {
            (FaultKind.MOVED, index + 1, WHOLE[index].act) for index in (one, other)
        }
    assert f"stands in the place of entry {one + 1}" in " ".join(fault.says for fault in verified(with_hashes).faults)


def test_an_entry_with_a_hash_of_its_own_making_is_found() -> None:
    """It is whole by itself, but the next one names another."""
    forged = WHOLE[3]._replace(details='{"choice":"decline"}')
    forged = forged._replace(hash=hash_of(forged))

    assert told([*WHOLE[:3], forged, *WHOLE[4:]], 6) == [(FaultKind.REPLACED, 4)]


def test_a_trail_that_was_hashed_anew_is_found_by_its_checkpoints() -> None:
    """And the place is narrowed down by the last one that still holds."""
    forged = rehashed([*WHOLE[:3], WHOLE[3]._replace(details='{"choice":"decline"}'), *WHOLE[4:]])
    shortened = rehashed([*WHOLE[:3], *WHOLE[4:]])

    assert told(forged) == []
    assert told(forged, 2, 5, 6) == [(FaultKind.REWRITTEN, 5)]
    assert "rewritten somewhere from entry 3 to entry 5" in verified(forged, 2, 5, 6).faults[0].says
    assert told(shortened, 2, 5, 6) == [(FaultKind.REMOVED, 6), (FaultKind.REWRITTEN, 5)]


def test_what_was_put_before_the_first_is_found() -> None:
    """Also where everything was hashed anew to go with it."""
    before = enter(DEEDS[0], -3, GENESIS)
    first = enter(DEEDS[0], 0, GENESIS)
    second = enter(DEEDS[0], 1, first.hash)

    assert told([before, *WHOLE]) == [(FaultKind.REPLACED, -3), (FaultKind.REPLACED, -3)]
    assert told([first, second]) == [(FaultKind.REPLACED, 0)]
    assert told([enter(DEEDS[0], 1, "1" * 64)]) == [(FaultKind.REPLACED, 1)]


def test_what_was_put_far_behind_is_found() -> None:
    """An entry that is whole leaves a gap before it; of one that is damaged nobody knows where it belongs."""
    whole = enter(DEEDS[0], 9, WHOLE[-1].hash)
    damaged = WHOLE[-1]._replace(number=900, reason="x")

    assert told([*WHOLE, whole]) == [(FaultKind.REMOVED, 7)]
    assert "entries 7 to 8 are missing" in verified([*WHOLE, whole]).faults[0].says
    assert told([*WHOLE[:-1], damaged], 6) == [(FaultKind.ALTERED, 900), (FaultKind.REMOVED, 6)]
    assert "entry 6 is missing" in verified([*WHOLE[:-1], damaged], 6).faults[1].says


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (line_of(checkpoint(6))[:-9], FaultKind.UNREADABLE),
        (b"", FaultKind.UNREADABLE),
        (b"[]\n", FaultKind.UNREADABLE),
        (line_of(checkpoint(6)).replace(b"checkpoint-1", b"checkpoint-2"), FaultKind.UNREADABLE),
        (line_of(checkpoint(6)).replace(b'"n_entries":6', b'"n_entries":true'), FaultKind.UNREADABLE),
        (line_of(checkpoint(6)).replace(b'"n_entries":6', b'"n_entries":0'), FaultKind.UNREADABLE),
        (line_of(checkpoint(6)).replace(b'"key":"k"', b'"key":"\xd0"'), FaultKind.UNREADABLE),
        (line_of(checkpoint(6)).replace(b'"key":"k"', b'"key":"\\ud800"'), FaultKind.UNREADABLE),
        (line_of(checkpoint(6)._replace(signature="")), FaultKind.UNSIGNED),
        (line_of(checkpoint(6)._replace(signature="?")), FaultKind.UNSIGNED),
    ],
)
def test_a_damaged_checkpoint_is_found(line: bytes, kind: FaultKind) -> None:
    """And believed in nothing."""
    findings = verify_chain(WHOLE, [line_of(checkpoint(3)), line], is_signed)

    assert [fault.kind for fault in findings.faults] == [kind]
    assert (findings.n_checkpoints, findings.n_unsealed) == (1, 3)
    assert "line 2" in findings.faults[0].says


def test_a_checkpoint_is_read_as_it_was_written() -> None:
    one = checkpoint(4)

    assert read_line(line_of(one)) == one
    assert on_the_wire(one)["form"] == "rasad-audit-checkpoint-1"
    assert (one.n_entries, one.head_act, one.head_at) == (4, Act.VOTE_CAST, T0 + 120)


def test_much_damage_is_found_in_good_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything altered: each entry is named, and not every one is looked for at every place."""
    hashed: list[int] = []

    def counted(entry: Entry) -> str:
        hashed.append(entry.number)
        return hash_of(entry)

    monkeypatch.setattr("measurements.agreements.chain.hash_of", counted)
    damaged = [entry._replace(reason="x") for entry in chain(DEEDS * 100)]

    assert told(damaged) == [(FaultKind.ALTERED, number) for number in range(1, 601)]
    assert len(hashed) < 600 + 3 * MOST_TRIED**2
