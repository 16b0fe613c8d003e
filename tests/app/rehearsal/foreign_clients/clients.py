"""Clients of RIPE Atlas that others wrote, run as processes from an environment of their own, which `make test` makes.

They are told an address and whom to trust, and nothing else of them is changed: `ripe-atlas` by its configuration
file; blaeu and plain Cousteau, which know only the platform's own names, by a proxy that leads these to the rehearsal.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.rehearsing import RehearsedAtlas

ENVIRONMENT = Path(sys.prefix) / "clients"
PATIENCE_S = 120


class Begun(NamedTuple):
    """A client at work."""

    process: subprocess.Popen[str]

    def said(self) -> str:
        """What it printed until it ended; it must have ended well, without a complaint."""
        out, complaint = self.process.communicate(timeout=PATIENCE_S)
        assert (self.process.returncode, complaint.strip()) == (0, ""), f"{complaint}\n{out}"
        return out

    def end(self) -> None:
        """Make sure that it is gone."""
        with self.process:
            self.process.kill()


class Clients:
    """Starts clients against a rehearsal."""

    def __init__(self, environment: Path, atlas: RehearsedAtlas, proxy_url: str, home: Path) -> None:
        endpoints = f"ripe-ncc: {{endpoint: '{atlas.https}', stream-base-url: '{atlas.https}'}}\n"
        (home / "ripe-atlas-tools").mkdir(parents=True)
        (home / "ripe-atlas-tools" / "rc").write_text(endpoints, "utf-8")
        trust = ("REQUESTS_CA_BUNDLE", "WEBSOCKET_CLIENT_CA_BUNDLE", "SSL_CERT_FILE")
        self._programs = environment / "bin"
        self._home = home
        self._settings = {
            **dict.fromkeys(trust, str(atlas.ca_file)),
            **dict.fromkeys(("ATLAS_CREATE_KEY", "ATLASAUTH"), atlas.key),
            **dict.fromkeys(("http_proxy", "https_proxy"), proxy_url),
            "no_proxy": "127.0.0.1",
            "TZ": "UTC",
            "PYTHONUTF8": "1",
            "PATH": os.defpath,
            **dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(home)),
        }

    def begin(self, command: str, *arguments: str) -> Begun:
        """Start a program of the environment."""
        pipe = subprocess.PIPE
        program = (str(self._programs / command), *arguments)
        process = subprocess.Popen(
            program, env=self._settings, cwd=self._home, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )
        return Begun(process)

    def run(self, command: str, *arguments: str) -> str:
        """What a program of the environment prints."""
        return self.begin(command, *arguments).said()


def installed() -> Path:
    """The environment of the clients; a test that needs it is skipped where it was not made, and fails in CI."""
    if not (ENVIRONMENT / "bin" / "ripe-atlas").exists():
        explain = pytest.fail if os.environ.get("CI") else pytest.skip
        explain("the clients that others wrote are not installed beside these tests: `make test` does that")
    return ENVIRONMENT
