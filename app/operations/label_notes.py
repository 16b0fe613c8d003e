"""Sentences about labels: what the data of one is, and under which others something is held."""

from sqlalchemy import Connection

from app.store.find_targets import find_labels
from measurements.results.outcome import Label


def about_label(label: Label) -> str:
    """What data is that was not measured on the Internet."""
    return f"{label} data: nothing here was measured on the Internet"


def about_other_labels(connection: Connection, label: Label, target: str | None = None) -> str:
    """A sentence for people: where nothing was found, under which other labels something is held, of this target."""
    about = f" about {target}" if target else ""
    held = find_labels(connection, target)
    if target and not held:
        return f"Nothing is held{about}; `rasad targets` and /api/v1/targets list what there is."
    others = [other for other in held if other != label]
    elsewhere = f"; other labels are held: {', '.join(others)}" if others else ""
    return f"Nothing was found{about} under the label {label}{elsewhere}."
