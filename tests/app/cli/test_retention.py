"""`rasad retention` on a database that was restored from before what its file of tombstones tells."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli.main import app
from app.operations.tombstone_file import TombstoneFile
from measurements.agreements.retention import Tombstone, day_of
from measurements.units import DAY_S
from tests.collecting import PING

pytestmark = pytest.mark.acceptance("agreement.4")
MEASURED_AT = 1_780_000_000
ATLAS_ID = 20_000_001
Run = Callable[..., Result]


@pytest.fixture
def run(database_url: str, tmp_path: Path) -> Run:
    """Runs a command in this process."""
    settings = {"RASAD_DATABASE_URL": database_url, "RASAD_DATA_DIR": str(tmp_path), "RASAD_LOG_LEVEL": "error"}

    def invoke(*arguments: str) -> Result:
        done = CliRunner().invoke(app, arguments, env=settings)
        assert done.exit_code == 0, (arguments, done.output, done.exception)
        return done

    return invoke


@pytest.mark.parametrize("name", ["run", "show"])
def test_help_has_an_example(name: str) -> None:
    assert "Example" in CliRunner().invoke(app, ["retention", name, "--help"]).output


def test_nothing_is_due_where_nothing_was_agreed_on(run: Run) -> None:
    assert json.loads(run("retention", "run", "--dry-run", "--json").stdout) == {"due": []}
    assert json.loads(run("retention", "run", "--json").stdout)["tombstones"] == []
    assert json.loads(run("retention", "show", "--json").stdout) == {"measurements": [], "due": [], "tombstones": []}


def test_what_the_file_says_was_erased_goes_and_does_not_come_back(run: Run, tmp_path: Path) -> None:
    record = PING | {"msm_id": ATLAS_ID, "prb_id": 7, "timestamp": MEASURED_AT, "stored_timestamp": MEASURED_AT + 9}
    other = record | {"timestamp": MEASURED_AT + 2 * DAY_S, "stored_timestamp": MEASURED_AT + 2 * DAY_S}
    lines = b"\n".join(json.dumps(one).encode() for one in (record, other))
    recording = tmp_path / "recording.ndjson"
    recording.write_bytes(lines)
    run("ingest", str(recording))
    file = TombstoneFile(tmp_path / "retention" / "tombstones.ndjson", tmp_path / "audit" / "key.pem")
    file.append(
        Tombstone(3, 1, "measured", ATLAS_ID, "probe_level", *day_of(MEASURED_AT), 1, "0" * 64, 30, "as_agreed", 1)
    )

    done = run("retention", "run", "--json")

    told = json.loads(done.stdout)
    assert told["n_records"] == {"probe_level": 1}
    assert [(one["agreement_id"], one["why"]) for one in told["tombstones"]] == [(3, "restored")]
    assert f"measurement {ATLAS_ID}" in done.stderr
    again = json.loads(run("ingest", str(recording), "--json").stdout)
    assert (again["duplicate"], again["quarantined"]) == (1, 1)
    shown = json.loads(run("retention", "show", "--json").stdout)["tombstones"]
    assert sorted(one["why"] for one in shown) == ["as_agreed", "restored"]
    assert "restored" in run("retention", "show").stdout
    entries = [json.loads(line) for line in run("audit", "list", "--format", "ndjson").stdout.splitlines()]
    assert [one["act"] for one in entries] == ["retention_run"]
