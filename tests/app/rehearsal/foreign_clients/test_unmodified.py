"""The clients are what their authors published, and speak to nobody but the rehearsal."""

import base64
import hashlib
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from tests.app.rehearsal.foreign_clients.bench import SLOW, Bench
from tests.app.rehearsal.foreign_clients.forwarding import Proxy

pytestmark = pytest.mark.acceptance("atlas.2")


def test_they_are_as_published(environment: Path) -> None:
    """Every file of theirs is the one that their package says it is."""
    (folder,) = environment.glob("lib/python*/site-packages")
    found: dict[str, Distribution] = {each.metadata["Name"]: each for each in distributions(path=[str(folder)])}
    for name in ("blaeu", "ripe.atlas.cousteau", "ripe.atlas.sagan", "ripe.atlas.tools"):
        files = [file for file in found[name].files or () if file.hash]
        digests = [hashlib.new(file.hash.mode, file.read_binary()) for file in files if file.hash]
        written = [base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=") for digest in digests]
        assert written == [file.hash.value for file in files if file.hash]
        assert len(files) > 4


def test_none_reached_for_anything_else(bench: Bench, proxy: Proxy) -> None:
    """Whatever was not the platform would have been refused."""
    for name in (*SLOW, "measure", "listen"):
        bench.said(name)
    assert proxy.refused == []
