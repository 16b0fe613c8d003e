"""The campaigns that come with Rasad, and drafts of their cards: to be agreed on, or changed, before anything runs."""

from importlib.resources import files

from measurements.campaigns.campaign import Campaign, read_campaign
from measurements.campaigns.document import read_document
from measurements.errors import NotFound

NAMES = ("k-root-tj", "tj-servers")
_FOLDER = "shipped"


def shipped_text(name: str, agreement_id: int = 1) -> str:
    """The campaign's YAML, under the agreement of that number. Raises `NotFound`."""
    return _read(name, f"{name}.yaml").replace("agreement_id: 1\n", f"agreement_id: {agreement_id}\n")


def shipped_card(name: str) -> str:
    """The draft of its card, JSON: what the parties would have to agree on. Raises `NotFound`."""
    return _read(name, f"{name}.card.json")


def shipped_campaign(name: str, agreement_id: int = 1) -> Campaign:
    """The campaign itself."""
    return read_campaign(read_document(shipped_text(name, agreement_id)))


def _read(name: str, file: str) -> str:
    if name not in NAMES:
        raise NotFound(f"No campaign {name} comes with Rasad; there are {' and '.join(NAMES)}.")
    return files(__package__).joinpath(_FOLDER, file).read_text("utf-8")
