"""One rehearsal for all clients, and a proxy that leads the platform's names to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.rehearsal.foreign_clients.bench import Bench
from tests.app.rehearsal.foreign_clients.clients import Clients, installed
from tests.app.rehearsal.foreign_clients.forwarding import Proxy, forwarding
from tests.app.rehearsal.world.worlds import EPOCH, quiet
from tests.rehearsing import RehearsedAtlas, rehearsing

SPEED = 12
"""blaeu first looks 7 s after it asked and wants a one-off that goes on then; one is over 6 minutes after its start."""


@pytest.fixture(scope="package")
def environment() -> Path:
    return installed()


@pytest.fixture(scope="package")
def atlas() -> Iterator[RehearsedAtlas]:
    with rehearsing(quiet(), epoch=EPOCH, speed=SPEED) as running:
        yield running


@pytest.fixture(scope="package")
def proxy(atlas: RehearsedAtlas) -> Iterator[Proxy]:
    host, _, port = atlas.host.rpartition(":")
    with forwarding(host, int(port)) as running:
        yield running


@pytest.fixture(scope="package")
def bench(
    environment: Path, atlas: RehearsedAtlas, proxy: Proxy, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Bench]:
    made = Bench(atlas, Clients(environment, atlas, proxy.url, tmp_path_factory.mktemp("clients") / "home"))
    yield made
    made.end()
