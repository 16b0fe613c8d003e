"""A campaign's file: YAML as people mean it, or JSON.

Only what JSON knows too is understood: `no` is the text it looks like and no falsehood, `01:30` is no number of
minutes, a day is a text. A name that stands twice, and a part that points to another one, are refused.
"""

import re
from typing import Any

import yaml

from measurements.errors import InvalidContent

LARGEST = 1_000_000
"""Characters. A campaign is some lines."""


class _Loader(yaml.SafeLoader):
    """Understands numbers, true, false and null (YAML 1.2, core schema), and nothing else."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        names = [key.value for key, _ in node.value]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise yaml.MarkedYAMLError(problem=f"{twice!r:.80} stands there twice", problem_mark=node.start_mark)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("tag:yaml.org,2002:int", r"[-+]?(?:0|[1-9][0-9]*)", list("-+0123456789")),
    ("tag:yaml.org,2002:float", r"[-+]?(?:0|[1-9][0-9]*)\.[0-9]+(?:[eE][-+]?[0-9]+)?", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(_tag, re.compile(f"(?:{_pattern})$"), _first)


def read_document(text: str) -> Any:
    """What a file says. Raises `InvalidContent` saying in which line it makes no sense."""
    if len(text) > LARGEST:
        raise InvalidContent([("", f"more than {LARGEST} characters are no campaign")])
    try:
        _refuse_pointing(text)
        return yaml.load(text, _Loader)  # noqa: S506 - a safe one
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f"line {error.problem_mark.line + 1}: "
        raise InvalidContent([("", f"{line}{error.problem or error.context}")]) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InvalidContent([("", f"cannot be read: {error}")]) from None


def _refuse_pointing(text: str) -> None:
    """Parts that point to others can make a small file as large as one likes."""
    for event in yaml.parse(text, _Loader):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 0
            raise InvalidContent([("", f"line {line}: points to another part of it")])
