"""Templates: questions that many have, ready to be asked. What they say is in `templates.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from measurements.units import DAY_S


class Template(NamedTuple):
    """A question that is ready to be asked."""

    name: str
    title: str
    """The question, in plain words."""
    explains: str
    """What the answer tells, and what it does not."""
    says: Mapping[str, Any]
    """Fields of a question, under their names; whoever asks may say otherwise."""
    lasts_s: int

    @property
    def needs(self) -> tuple[str, ...]:
        """What whoever asks has to say."""
        return () if "targets" in self.says else ("targets",)


@cache
def templates() -> tuple[Template, ...]:
    """The templates that come with this version."""
    document = tomllib.loads(files("measurements.requests").joinpath("templates.toml").read_text("utf-8"))
    return tuple(_read(name, dict(said)) for name, said in document.items())


def find_template(name: str) -> Template | None:
    """The template of a name; None where there is none."""
    return next((one for one in templates() if one.name == name), None)


def template_names() -> tuple[str, ...]:
    """By which templates can be asked for."""
    return tuple(one.name for one in templates())


def _read(name: str, said: dict[str, Any]) -> Template:
    title, explains, days = said.pop("title"), said.pop("explains"), said.pop("lasts_days")
    return Template(name, title, explains, said, days * DAY_S)
