"""One idea, one word: the words that stand for none of ours."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.laws.tree import REPOSITORY

INSTEAD = {
    "latency": "RTT",
    "uptime": "availability",
    "outage": "gap",
    "node": "probe or instance",
    "bucket": "bin",
    "kpi": "metric",
    "incident": "event",
    "tenant": "party",
}
"""Each with the word of ours that is meant (README.md, Words)."""
FOREIGN = {
    "app/api/telemetry.py": {"bucket": "Prometheus's own word"},
    "measurements/campaigns/document.py": {"node": "PyYAML's own word"},
}
"""Words that a library has for something, where it is told so."""
PLATFORMS = {"rehearsal", "specimens"}
TEXTS = ("*.py", "*.md", "*.html", "*.json", "*.csv", "*.toml")
BINDING = re.compile(
    r"(?<![a-z])(breach|obligation|obligatory|penalt|sla(?![a-z])|commitment|violat|non-?complian)", re.IGNORECASE
)
"""Words of contracts. The memorandum binds nobody (Art. V), and so does nothing that is said here."""


def words_of(text: str) -> Iterator[str]:
    """The words of a text or of code, whether spelt with capitals, underscores or an s."""
    for word in re.findall(r"[A-Za-z][a-z]*", text):
        yield word.lower()
        yield word.lower().removesuffix("s")


def texts() -> Iterator[Path]:
    """What people read of ours, and the code. The rehearsal and recordings speak the platform's words."""
    yield REPOSITORY / "README.md"
    for folder in ("app", "measurements"):
        for pattern in TEXTS:
            yield from (path for path in (REPOSITORY / folder).rglob(pattern) if PLATFORMS.isdisjoint(path.parts))


def test_one_idea_has_one_word() -> None:
    """Who reads `outage` asks how it differs from a gap; it does not."""
    found = {
        (str(path.relative_to(REPOSITORY)), word, INSTEAD[word])
        for path in texts()
        for word in INSTEAD.keys() & set(words_of(path.read_text("utf-8")))
    }
    allowed = {(path, word, INSTEAD[word]) for path, words in FOREIGN.items() for word in words}

    assert found == allowed, "Say it in the words of README.md."


def test_nothing_speaks_as_if_it_bound_anybody() -> None:
    """What comes late is not yet done, and what ends is withdrawn; neither breaks anything."""
    found = {
        (str(path.relative_to(REPOSITORY)), match[0])
        for path in texts()
        for match in BINDING.finditer(path.read_text("utf-8"))
    }

    assert found == set(), "Say what is, without a word that binds."


@pytest.mark.parametrize("text", ["a breach", "SLA", "n_obligations", "Commitments", "penalty", "violates"])
def test_a_binding_word_is_seen(text: str) -> None:
    """However it is spelt; and not where it is a part of another word."""
    assert BINDING.search(text)
    assert not BINDING.search("translate committed credits slash")


@pytest.mark.parametrize("text", ["a node of its own", "n_nodes", "NodeList", "Nodes"])
def test_a_wrong_word_is_seen(text: str) -> None:
    """However it is spelt."""
    assert "node" in set(words_of(text))
