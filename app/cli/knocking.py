"""Where the service of these settings is, and whether it answers."""

from urllib.error import URLError
from urllib.request import urlopen

from app.settings import Settings

KNOCK_S = 2.0


def address_of(settings: Settings) -> str:
    """Its address."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"


def is_up(settings: Settings) -> bool:
    """Whether a Rasad answers on the port."""
    try:
        with urlopen(f"{address_of(settings)}/healthz", timeout=KNOCK_S) as answer:  # noqa: S310 - our own address
            return b'"alive"' in answer.read(200)
    except (URLError, OSError):
        return False
