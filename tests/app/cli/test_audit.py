"""`rasad audit`, run as people run it."""

import csv
import io
import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.store.engine import writing
from tests.audit import DEEDS, chain
from tests.audit_held import drop_triggers, keep
from tests.independent.verify_evidence import problems

Say = Callable[..., Result]


@pytest.fixture
def say(engine: Engine, tmp_path: Path) -> Say:
    """Runs `rasad audit …` on a database with some deeds in it and with a data folder of its own, in this process."""
    keep(engine)
    settings = {
        "RASAD_DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "RASAD_DATA_DIR": str(tmp_path / "data"),
    }

    def run(*arguments: str | Path, exit_code: int = 0) -> Result:
        done = CliRunner().invoke(app, ["audit", *map(str, arguments)], env=settings)
        assert done.exit_code == exit_code, done.output
        return done

    return run


def damage(engine: Engine, statement: str) -> None:
    with writing(engine) as connection:
        drop_triggers(connection)
        connection.execute(text(statement))


def test_the_trail_is_listed_newest_first_in_both_zones(say: Say) -> None:
    """As a table, CSV and one object per line."""
    rows = [json.loads(line) for line in say("list", "--format", "ndjson").stdout.splitlines()]
    cells = list(csv.DictReader(io.StringIO(say("list", "--format", "csv").stdout)))
    table = say("list").stdout

    assert [row["number"] for row in rows] == [6, 5, 4, 3, 2, 1]
    assert (rows[0]["at_utc"], rows[0]["at_dushanbe"]) == ("2026-11-24T06:04:00Z", "2026-11-24T11:04:00+05:00")
    assert [row["hash"] for row in rows] == [cell["hash"] for cell in cells] == [one.hash for one in chain()[::-1]]
    assert set(cells[0]) == set(rows[0])
    assert "agreement 3" in table
    assert "asked for by\\nthe operator" not in table.replace("\n", "")
    assert "2026-11-24T11:04:00+05:00" in table


def test_the_list_can_be_narrowed(say: Say) -> None:
    def numbers(*options: str) -> list[int]:
        return [json.loads(line)["number"] for line in say("list", "--format", "ndjson", *options).stdout.splitlines()]

    assert numbers("--subject", "agreement:3") == [6, 5, 4, 2]
    assert numbers("--act", "card_drafted") == [3, 2]
    assert numbers("--from", "2026-11-24T06:01:00Z", "--to", "2026-11-24T06:02:00Z") == [3, 2]
    assert numbers("--limit", "1") == [6]
    assert "only the last 2 are shown" in say("list", "--limit", "2").stderr
    assert "--subject: 'agreement' names nothing" in say("list", "--subject", "agreement", exit_code=2).stderr


def test_one_entry_is_shown_as_it_was_hashed(say: Say) -> None:
    shown = json.loads(say("show", "4").stdout)

    assert shown["says"]["details"] == '{"choice":"approve"}'
    assert shown["hash"] == chain()[3].hash
    assert "no entry 7" in say("show", "7", exit_code=1).stderr


def test_a_whole_trail_is_verified_and_what_no_checkpoint_covers_is_said(say: Say) -> None:
    before = say("verify")
    say("checkpoint")
    after = say("verify")

    assert "entries: 6; checkpoints: 0; nothing was altered, removed or moved" in before.stderr
    assert "entries newer than any checkpoint: 6;" in before.stderr
    assert "entries: 6; checkpoints: 1; nothing" in after.stderr
    assert "newer than" not in after.stderr
    assert json.loads(say("verify", "--json").stdout)["faults"] == []


@pytest.mark.acceptance("agreement.6")
@pytest.mark.parametrize(
    ("statement", "kind", "number", "said"),
    [
        ("UPDATE audit_entries SET actor = '8' WHERE number = 4", "altered", 4, "entry 4 (vote_cast, 2026-11-24T06:02"),
        ("DELETE FROM audit_entries WHERE number = 4", "removed", 4, "entry 4 is missing, between entry 3 (card_draft"),
        ("DELETE FROM audit_entries WHERE number = 6", "removed", 6, "the last one agreement_withdrawn, 2026-11-24T06"),
    ],
)
def test_tampering_is_named_and_ends_with_1(
    say: Say, engine: Engine, statement: str, kind: str, number: int, said: str
) -> None:
    say("checkpoint")
    damage(engine, statement)

    in_words = say("verify", exit_code=1)
    (fault,) = json.loads(say("verify", "--json", exit_code=1).stdout)["faults"]

    assert said in in_words.stdout
    assert "faults: 1" in in_words.stderr
    assert (fault["kind"], fault["number"]) == (kind, number)
    assert said in say("checkpoint", exit_code=1).stderr


def test_text_that_is_none_harms_no_command(say: Say, engine: Engine) -> None:
    """SQLite holds any bytes as text, and control characters are letters to both."""
    is_sqlite = engine.dialect.name == "sqlite"
    act = "CAST(x'766f74e51b5b33316d' AS TEXT)" if is_sqlite else r"E'vot\x1b[31m'"
    damage(engine, f"UPDATE audit_entries SET act = {act} WHERE number = 4")  # noqa: S608 - our own text

    told = say("verify", exit_code=1).stdout
    shown = json.loads(say("show", "4").stdout)["says"]["act"]

    assert told.startswith("entry 4 (vot\\xe5\\x1b[31m, " if is_sqlite else "entry 4 (vot\\x1b[31m, ")
    assert "\x1b" not in told + say("list").stdout
    assert shown == ("vot\\xe5\x1b[31m" if is_sqlite else "vot\x1b[31m")
    assert json.loads(say("verify", "--json", exit_code=1).stdout)["faults"][0]["act"] == shown


def test_whoever_has_copies_trusts_nobody_here(say: Say, engine: Engine, tmp_path: Path) -> None:
    """Key, checkpoints and trail replaced all at once: one's own copies tell."""
    ours, key = tmp_path / "ours.ndjson", tmp_path / "rasad.pem"
    key.write_text(say("key").stdout)
    say("checkpoint")
    kept = tmp_path / "data" / "audit" / "checkpoints.ndjson"
    ours.write_bytes(kept.read_bytes())
    for path in (kept, kept.with_name("key.pem")):
        path.unlink()
    damage(engine, "DELETE FROM audit_entries")
    keep(engine, DEEDS[1:])
    say("checkpoint")

    assert say("verify").stdout == ""
    told = say("verify", "--checkpoints", ours, "--public-key", key, exit_code=1).stdout
    assert "entry 6 is missing: the checkpoint of" in told


def test_the_key_is_for_its_owner_and_its_public_half_for_everybody(say: Say, tmp_path: Path) -> None:
    printed = say("key").stdout

    assert printed == say("key").stdout
    assert printed.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert stat.S_IMODE((tmp_path / "data" / "audit" / "key.pem").stat().st_mode) == 0o600


def test_evidence_is_one_document(say: Say) -> None:
    early = say("evidence", "agreement", "3")
    say("checkpoint")
    printed = say("evidence", "agreement", "3")
    document = json.loads(printed.stdout)

    assert "rasad audit checkpoint" in early.stderr
    assert not json.loads(early.stdout)["is_sealed"]
    assert document["is_sealed"]
    assert printed.stderr == ""
    assert list(problems(document, say("key").stdout)) == []
    assert "nothing about agreement 9" in say("evidence", "agreement", "9", exit_code=1).stderr


def test_files_that_are_not_there_are_named(say: Say, tmp_path: Path) -> None:
    """Rather than taken for a trail without checkpoints."""
    nowhere = tmp_path / "nowhere"

    assert f"{nowhere}: no such file" in say("verify", "--checkpoints", nowhere, exit_code=1).stderr
    assert f"{nowhere}: No such file" in say("verify", "--public-key", nowhere, exit_code=1).stderr
