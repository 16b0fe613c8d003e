"""Sentences about labels: what the data of one is, and under which others something is held."""

from sqlalchemy import Connection

from app.store.find_targets import find_labels
from measurements.results.outcome import Label


def about_label(label: Label) -> str:
    """What data is that was not measured on the Internet."""
    return f"{label} data: nothing here was measured on the Internet"


def about_other_labels(connection: Connection, label: Label) -> str:
    """Where nothing was found: under which other labels there is something."""
    others = [other for other in find_labels(connection) if other != label]
    held = f"; other labels are held: {', '.join(others)}" if others else ""
    return f"Nothing was found under the label {label}{held}."
