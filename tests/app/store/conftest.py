"""The raw client is there for every test of the store."""

from tests.app.store.raw_client import agreed, execute

__all__ = ["agreed", "execute"]
