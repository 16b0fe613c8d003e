"""List the glossary: terms in plain words, in three languages."""

from typing import Any

from measurements.agreements.glossary import Language, Term, glossary
from measurements.errors import NotFound

NOT_REVIEWED = "Not reviewed by a native speaker yet."
"""Stands beside what is a draft."""


def list_glossary(term: str | None = None, language: Language | None = None) -> dict[str, Any]:
    """The glossary in plain values under the names of the wire; of one term or in one language alone, if asked for.

    A term is found by what it is called in any language. Raises `NotFound` for one that is not there.
    """
    known = glossary()
    terms = known.terms
    if term is not None:
        found = known.find(term)
        if found is None:
            raise NotFound(f"The glossary does not know {term!r:.80}.")
        terms = (found,)
    languages = tuple(Language) if language is None else (language,)
    return {"terms": [_told(one, languages) for one in terms]}


def _told(term: Term, languages: tuple[Language, ...]) -> dict[str, Any]:
    reviewed = glossary().reviewed
    return {
        "key": term.key,
        "origin": term.origin,
        "texts": [
            {
                "language": language,
                **term.texts[language]._asdict(),
                "is_reviewed": language in reviewed,
                "note": None if language in reviewed else NOT_REVIEWED,
            }
            for language in languages
        ],
    }
