"""A rehearsal of a tiny world whose time stands."""

from collections.abc import Iterator

import httpx
import pytest

from tests.rehearsing import RehearsedAtlas, rehearsing


@pytest.fixture
def atlas() -> Iterator[RehearsedAtlas]:
    """One for each test."""
    with rehearsing() as running:
        yield running


@pytest.fixture
def client(atlas: RehearsedAtlas) -> Iterator[httpx.Client]:
    """A client with the demonstration key."""
    with atlas.client(atlas.key) as client:
        yield client
