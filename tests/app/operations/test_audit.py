"""Checkpoints are made, go on from each other, and are what the trail and its evidence are verified by."""

import copy
import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Engine, text

from app.durable import read_lines
from app.operations.make_evidence import make_evidence
from app.operations.verify_audit import verify_audit
from app.operations.write_checkpoint import TrailBroken, write_checkpoint
from app.settings import Settings
from app.signing import load_or_make_key
from app.store.engine import reading, writing
from app.store.tend import make_durable
from app.worker import Worker
from measurements.agreements.audit import Act, Deed, Subject, SubjectKind
from measurements.agreements.chain import FaultKind, Findings
from measurements.agreements.checkpoints import Checkpoint, line_of, read_line
from measurements.atlas.memory import MemoryAtlas
from measurements.errors import NotFound, StoreError
from tests.audit import AGREEMENT, DEEDS, OTHER, T0
from tests.audit_held import drop_triggers, keep
from tests.clocks import ManualClock
from tests.independent.verify_evidence import problems

DAY = 86_400
NOTHING = Subject(SubjectKind.AGREEMENT, 5)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """Where the key and the checkpoints are kept."""
    return tmp_path / "audit" / "key.pem", tmp_path / "audit" / "checkpoints.ndjson"


Files = tuple[Path, Path]


def seal(engine: Engine, files: Files, now_at: int = T0 + DAY) -> Checkpoint | None:
    with reading(engine) as connection:
        return write_checkpoint(connection, *files, now_at, partial(make_durable, engine))


def verified(engine: Engine, files: Files) -> Findings:
    lines = read_lines(files[1])
    with reading(engine) as connection:
        return verify_audit(connection, lines, load_or_make_key(files[0]).public)


def damage(engine: Engine, statement: str) -> None:
    with writing(engine) as connection:
        drop_triggers(connection)
        connection.execute(text(statement))


def test_a_checkpoint_says_how_the_trail_stands(engine: Engine, files: Files) -> None:
    """Signed, one line each, and the trail is verified by them."""
    last = keep(engine)[-1]
    first, second = seal(engine, files), seal(engine, files, T0 + 2 * DAY)

    assert first is not None
    assert (first.at, first.n_entries, first.head) == (T0 + DAY, 6, last.hash)
    assert (first.head_act, first.head_at) == ("agreement_withdrawn", last.at)
    assert [read_line(line) for line in read_lines(files[1])] == [first, second]
    assert (verified(engine, files).is_intact, verified(engine, files).n_checkpoints) == (True, 2)


def test_where_nothing_was_done_there_is_nothing_to_sign(engine: Engine, files: Files) -> None:
    """And no key is made."""
    assert seal(engine, files) is None
    assert not files[0].parent.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit_entries",
        "DELETE FROM audit_entries WHERE number = 6",
        "UPDATE audit_entries SET hash = previous WHERE number = 6",
        "UPDATE audit_entries SET reason = 'x' WHERE number = 2",
    ],
)
def test_a_checkpoint_is_not_made_over_what_was_tampered_with(engine: Engine, files: Files, statement: str) -> None:
    """It would look as if all were well; so whoever tampers is noticed by the next one."""
    keep(engine)
    seal(engine, files)
    damage(engine, statement)

    with pytest.raises(TrailBroken, match="rasad audit verify"):
        seal(engine, files)

    assert len(read_lines(files[1])) == 1
    assert not verified(engine, files).is_intact


def test_lines_that_are_no_checkpoints_of_ours_stop_no_new_one(engine: Engine, files: Files) -> None:
    """They are faults, which the next verification names; they prove nothing about the trail."""
    keep(engine)
    made = seal(engine, files)
    assert made is not None
    forged = made._replace(n_entries=7)
    files[1].write_bytes(files[1].read_bytes() + line_of(forged) + b"nonsense")

    assert seal(engine, files) is not None
    assert [fault.kind for fault in verified(engine, files).faults] == [FaultKind.UNSIGNED, FaultKind.UNREADABLE]


def test_a_checkpoint_by_another_key_counts_for_nothing(engine: Engine, files: Files, tmp_path: Path) -> None:
    keep(engine)
    seal(engine, files)
    others = tmp_path / "others.pem"

    findings = verified(engine, (others, files[1]))

    assert [fault.kind for fault in findings.faults] == [FaultKind.UNSIGNED]
    assert findings.n_unsealed == 6


def test_checkpoints_without_a_key_verify_nothing(engine: Engine) -> None:
    with reading(engine) as connection:
        with pytest.raises(NotFound, match="--public-key"):
            verify_audit(connection, [b"{}"], None)
        assert verify_audit(connection, [], None).is_intact


def test_the_worker_seals_the_trail_once_a_day(engine: Engine, tmp_path: Path) -> None:
    keep(engine)
    clock = ManualClock()
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings(data_dir=tmp_path, database_url=url, atlas_is_rehearsal=True)
    worker = Worker(settings=settings, engine=engine, clock=clock, atlas=MemoryAtlas(clock), stop=Event())
    for _ in range(2 * 24 + 1):
        worker.wake()
        clock.at += timedelta(hours=1)

    assert len(read_lines(settings.checkpoints_file)) == 3
    assert verified(engine, (settings.audit_key_file, settings.checkpoints_file)).is_intact


def test_a_restored_copy_is_gone_on_from_once_the_checkpoints_are_put_aside(engine: Engine, files: Files) -> None:
    """As the README says: what is missing is named, and nothing is signed as if all were well before that."""
    keep(engine)
    seal(engine, files)
    damage(engine, "DELETE FROM audit_entries WHERE number > 4")

    assert "missing" in verified(engine, files).faults[0].says
    with pytest.raises(TrailBroken, match="aside"):
        seal(engine, files)
    files[1].rename(files[1].with_suffix(".before"))
    assert seal(engine, files)
    assert verified(engine, files).is_intact


def evidence(engine: Engine, files: Files, subject: Subject = AGREEMENT) -> Any:
    with reading(engine) as connection:
        public = load_or_make_key(files[0]).public
        return make_evidence(connection, read_lines(files[1]), public, subject, T0 + DAY)


def key_of(files: Files) -> str:
    return load_or_make_key(files[0]).public.pem


def test_evidence_stands_for_itself(engine: Engine, files: Files) -> None:
    """A script that knows nothing of ours verifies it, after it went through a file."""
    keep(engine)
    seal(engine, files)
    keep(engine, [Deed(at=T0 + DAY, act=Act.POLICY_SET, person_id=1, subject=Subject(SubjectKind.POLICY, "passive"))])
    seal(engine, files)

    document = json.loads(json.dumps(evidence(engine, files)))

    assert list(problems(document, key_of(files))) == []
    assert [entry["number"] for entry in document["entries"]] == [2, 4, 5, 6]
    assert [link["number"] for link in document["links"]] == [2, 3, 4, 5, 6]
    assert document["checkpoint"]["n_entries"] == 6, "the first one behind it"
    assert document["entries"][0]["at_dushanbe"] == "2026-11-24T11:01:00+05:00"


def test_evidence_tells_nothing_of_what_others_did(engine: Engine, files: Files) -> None:
    """Of theirs it has the subject and a digest."""
    keep(engine)
    seal(engine, files)

    document = evidence(engine, files, OTHER)

    assert list(problems(document, key_of(files))) == []
    assert [entry["number"] for entry in document["entries"]] == [3]
    assert "approve" not in json.dumps(document)
    assert {tuple(link) for link in document["links"]} == {("number", "content", "subject_kind", "subject_id")}


FORGERIES: list[tuple[str, Callable[[Any], object]]] = [
    ("1", lambda told: told["entries"][1]["says"].update(party="ripe_ncc")),
    ("1", lambda told: told["entries"].append({**told["entries"][0], "number": 3})),
    ("2", lambda told: told["entries"][2].update(hash="0" * 64)),
    ("2", lambda told: told["links"].pop(1)),
    ("3", lambda told: told["links"].pop()),
    ("3", lambda told: told.update(previous="0" * 64)),
    ("3", lambda told: told["links"][1].update(subject_id="3")),
    ("3", lambda told: told["checkpoint"].update(n_entries=7)),
    ("4", lambda told: told["checkpoint"].update(at=T0)),
    ("5", lambda told: told["entries"].pop(1)),
]


@pytest.mark.parametrize(("step", "forge"), FORGERIES)
def test_forged_evidence_is_found_by_the_recipe(
    engine: Engine, files: Files, step: str, forge: Callable[[Any], object]
) -> None:
    keep(engine)
    seal(engine, files)
    document = copy.deepcopy(evidence(engine, files))
    forge(document)

    assert step in {problem[0] for problem in problems(document, key_of(files))}


def test_evidence_says_what_no_checkpoint_covers_yet(engine: Engine, files: Files) -> None:
    keep(engine, DEEDS[:5])
    seal(engine, files)
    keep(engine, DEEDS[5:])

    with pytest.raises(NotFound, match="nothing about agreement 5"):
        evidence(engine, files, NOTHING)
    document = evidence(engine, files)

    assert list(problems(document, key_of(files))) == []
    assert (document["is_sealed"], document["sealed_up_to"]) == (False, 5)
    assert "covers these entries yet: 6. Until one does" in document["sealing"]
    assert [entry["number"] for entry in document["entries"]] == [2, 4, 5, 6]
    assert evidence(engine, files, OTHER)["is_sealed"]
    document["is_sealed"] = True
    assert list(problems(document, key_of(files))) == ["3: not all is sealed"]


def test_without_a_checkpoint_the_evidence_says_so(engine: Engine) -> None:
    """There may not even be a key yet."""
    keep(engine)
    with reading(engine) as connection:
        document = make_evidence(connection, [], None, AGREEMENT, T0 + DAY)

    assert (document["is_sealed"], document["sealed_up_to"]) == (False, None)
    assert (document["checkpoint"], document["public_key"]) == (None, None)
    assert "yet: 2, 4, 5, 6. Until" in document["sealing"]
    assert list(problems(document, "")) == []


def test_no_evidence_is_made_of_a_damaged_trail(engine: Engine, files: Files) -> None:
    keep(engine)
    seal(engine, files)
    damage(engine, "UPDATE audit_entries SET reason = 'x' WHERE number = 3")

    with pytest.raises(StoreError, match="damaged at entry 3"):
        evidence(engine, files)


def test_evidence_is_not_tied_to_a_checkpoint_of_another_trail(engine: Engine, files: Files) -> None:
    """One that the trail no longer leads to is passed over, for an older one that it does."""
    keep(engine, DEEDS[:5])
    seal(engine, files)
    keep(engine, [Deed(at=T0, act=Act.POLICY_SET, person_id=1, subject=Subject(SubjectKind.POLICY, "passive"))])
    seal(engine, files)
    damage(engine, "DELETE FROM audit_entries WHERE number = 6")
    keep(engine, DEEDS[5:])

    document = evidence(engine, files)

    assert (document["is_sealed"], document["checkpoint"]["n_entries"]) == (False, 5)
