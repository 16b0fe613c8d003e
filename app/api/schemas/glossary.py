"""The glossary on the wire."""

from pydantic import Field

from app.api.schemas.base import Answer, Filters, Text
from measurements.agreements.glossary import Language, Origin


class GlossaryFilters(Filters):
    """Which terms."""

    term: Text | None = Field(default=None, examples=["K-root"])
    """What it is called, in any language; all terms unless given."""
    language: Language | None = Field(default=None, examples=["ru"])
    """In this language alone."""


class GlossaryText(Answer):
    """A term in one language."""

    language: Language
    term: str
    definition: str
    """In our own words; Annex I of the memorandum is what the parties signed."""
    is_reviewed: bool
    """Whether a native speaker has reviewed it."""
    note: str | None
    """The same in a sentence, where it is a draft."""


class GlossaryTerm(Answer):
    """A term."""

    key: str
    """By which programs know it."""
    origin: Origin
    """Whether Annex I defines it, the memorandum uses it undefined, or briefings need it."""
    texts: list[GlossaryText]


class GlossaryAnswer(Answer):
    """Terms in the order of the memorandum, and then of briefings."""

    terms: list[GlossaryTerm]
