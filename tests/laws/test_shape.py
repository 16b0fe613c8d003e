"""How code is cut: files and functions that fit into a head, each saying what it is."""

import ast
import statistics
from collections.abc import Callable, Iterator

from tests.laws.tree import ALL, CODE, Function, Module, Offence, functions, module_of, modules, uphold

LONGEST_MODULE, MEDIAN_MODULE = 300, 100
LONGEST_FUNCTION, MEDIAN_FUNCTION = 50, 8


def _lines(node: Function) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def long_module(module: Module) -> Iterator[Offence]:
    """A module in which a second subject has moved in."""
    count = len(module.text.splitlines())
    if count > LONGEST_MODULE:
        yield Offence(module.path, 1, f"{count} lines")


def long_function(module: Module) -> Iterator[Offence]:
    """A function that does more than its name says."""
    for function in functions(module):
        if _lines(function) > LONGEST_FUNCTION:
            yield Offence(module.path, function.lineno, f"{function.name}: {_lines(function)} lines")


def without_introduction(module: Module) -> Iterator[Offence]:
    """A module that does not say what it is."""
    if not ast.get_docstring(module.syntax):
        yield Offence(module.path, 1, "no docstring")


def test_no_module_is_long() -> None:
    """Past 250 lines ask which second noun has moved in."""
    uphold(
        f"A module has at most {LONGEST_MODULE} lines: give the second subject in it a file of its own.",
        (offence for module in modules(*CODE, "tests") for offence in long_module(module)),
    )


def test_no_function_is_long() -> None:
    """Read, decide, write: three functions."""
    uphold(
        f"A function has at most {LONGEST_FUNCTION} lines: name its parts.",
        (offence for module in modules(*CODE, "tests") for offence in long_function(module)),
    )


def test_every_module_says_what_it_is() -> None:
    """The first line is for whoever opened the file by mistake."""
    uphold(
        "A module opens with a docstring saying what it is.",
        (offence for module in modules(*ALL) for offence in without_introduction(module)),
    )


def test_the_usual_module_and_function_are_short() -> None:
    """The limits are for the exception; this is for the rule."""
    assert statistics.median(len(module.text.splitlines()) for module in modules(*CODE)) <= MEDIAN_MODULE
    assert statistics.median(_lines(node) for module in modules(*CODE) for node in functions(module)) <= MEDIAN_FUNCTION


def test_each_law_can_be_broken() -> None:
    """A law that finds nothing in its own specimen protects nothing."""
    specimens: list[tuple[Callable[[Module], Iterator[Offence]], str]] = [
        (long_module, "x = 1\n" * 301),
        (long_function, "def f():\n" + "    x = 1\n" * 50),
        (without_introduction, "x = 1"),
    ]

    assert [[offence.what for offence in law(module_of(text))] for law, text in specimens] == [
        ["301 lines"],
        ["f: 51 lines"],
        ["no docstring"],
    ]
