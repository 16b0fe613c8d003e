"""An agreement between three parties by the command line, in this process, on a rehearsal."""

import json
from collections.abc import Callable
from pathlib import Path

from typer.testing import CliRunner, Result

from app.cli.main import app
from measurements.agreements.card import digest
from measurements.agreements.parties import Party
from tests.measurements.agreements.making import make_card
from tests.rehearsing import RehearsedAtlas

SMALL = {"selections": [{"by": "country", "value": "TJ", "requested": 3}], "max_probes": 3}
"""What differs from the usual card."""
Run = Callable[..., Result]


def runner(url: str, atlas: RehearsedAtlas, folder: Path) -> Run:
    """Runs a command in this process, on a rehearsal, with somebody's key."""
    settings = {
        "RASAD_DATABASE_URL": url, "RASAD_DATA_DIR": str(folder), "RASAD_LOG_LEVEL": "error",
        "RASAD_ATLAS_URL": atlas.http, "RASAD_ATLAS_IS_REHEARSAL": "1", "RASAD_ATLAS_KEY": atlas.key,
    }  # fmt: skip

    def run(*arguments: str, key: str | None = None, exit_code: int = 0) -> Result:
        done = CliRunner().invoke(app, arguments, env={**settings, "RASAD_KEY": key})
        assert done.exit_code == exit_code, (arguments, done.output, done.exception)
        return done

    return run


def set_up(run: Run) -> dict[Party, str]:
    """People of every party with their keys, a memorandum in force, and K-root in the catalogue."""
    run("admin", "create", "--name", "Firuz", "--contact", "firuz@example.net")
    keys = {}
    for party in Party:
        person = ("--name", party.value, "--contact", "-", "--party", party.value, "--role", "representative")
        number = str(json.loads(run("people", "add", *person, "--json").stdout)["id"])
        keys[party] = run("keys", "issue", number, "--name", "laptop").stdout.strip()
        run("designate", number, "--duty", "coordination", "--act", "letter")
        run("memorandum", "sign", party.value, "2026-03-02")
    run("memorandum", "confirm", key=keys[Party.RIPE_NCC])
    owner = ("--owner", "RIPE NCC", "--party", "ripe_ncc", "--contact", "ops@example.net", "--publicness", "for_anyone")
    run("target", "put", "k-root", *owner, "--type", "ping", "--type", "traceroute")
    return keys


def agree(run: Run, keys: dict[Party, str], card: Path) -> None:
    """Agreement 1, from its draft to three votes."""
    first = keys[Party.RIPE_NCC]
    everybody = [word for party in Party for word in ("--party", party.value)]
    run("agreement", "open", str(card), key=first)
    run("agreement", "consult", "1", *everybody, "--shown", "the draft", key=first)
    submitted = run("agreement", "submit", "1", key=first).stdout.strip()
    assert submitted == run("agreement", "check", str(card)).stdout.strip() == digest(make_card(**SMALL))
    for key in keys.values():
        run("agreement", "vote", "1", "approve", "--digest", submitted, "--public", key=key)
