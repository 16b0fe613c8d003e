"""The glossary: terms of the memorandum and of briefings in words that need no technical knowledge, in three languages.

The definitions are our own; Annex I of the memorandum stays what the parties signed. The texts are in `glossary.toml`.
What no native speaker has reviewed says so.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Language(StrEnum):
    """A language of the parties."""

    EN = "en"
    RU = "ru"
    TG = "tg"
    """Tajik, in Cyrillic."""


class Origin(StrEnum):
    """Why a term is here."""

    ANNEX_I = "annex_i"
    """Annex I of the memorandum defines it."""
    MEMORANDUM = "memorandum"
    """The memorandum uses it and does not define it."""
    BRIEFING = "briefing"
    """Whoever reads a briefing needs it."""


class Text(NamedTuple):
    """A term in one language."""

    term: str
    definition: str


class Term(NamedTuple):
    """A term."""

    key: str
    """By which programs know it."""
    origin: Origin
    texts: Mapping[Language, Text]

    def is_called(self, name: str) -> bool:
        """Whether it is known by a name: its key, or what it is called in any language, in capitals or not."""
        called = {self.key, *(text.term for text in self.texts.values())}
        return _plain(name) in {_plain(one) for one in called} | {
            _plain(part.strip(" )")) for one in called for part in one.split("(")
        }


class Glossary(NamedTuple):
    """All terms, in the order of the memorandum and then of briefings."""

    terms: tuple[Term, ...]
    reviewed: frozenset[Language]
    """The languages whose texts a native speaker has reviewed."""

    def find(self, name: str) -> Term | None:
        """The term of a name; None where there is none."""
        return next((term for term in self.terms if term.is_called(name)), None)


@cache
def glossary() -> Glossary:
    """The glossary that comes with this version."""
    document = tomllib.loads(files("measurements.agreements").joinpath("glossary.toml").read_text("utf-8"))
    terms = (
        Term(
            key,
            Origin(told["origin"]),
            {language: Text(*(" ".join(part.split()) for part in told[language])) for language in Language},
        )
        for key, told in document["terms"].items()
    )
    return Glossary(tuple(terms), frozenset(map(Language, document["reviewed"])))


def _plain(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").replace("-", " ").split())
