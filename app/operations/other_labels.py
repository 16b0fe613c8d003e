"""Says, where nothing was found, under which other labels something is held."""

from sqlalchemy import Connection

from app.store.find_targets import find_labels
from measurements.results.outcome import Label


def about_other_labels(connection: Connection, label: Label) -> str:
    """A sentence for people."""
    others = [other for other in find_labels(connection) if other != label]
    held = f"; other labels are held: {', '.join(others)}" if others else ""
    return f"Nothing was found under the label {label}{held}."
