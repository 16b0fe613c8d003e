"""`rasad glossary`: terms in plain words."""

from typing import Annotated

import typer

from app.cli.context import fails_clearly
from app.cli.output import AsJson, print_json
from app.operations.list_glossary import NOT_REVIEWED, list_glossary
from measurements.agreements.glossary import Language


@fails_clearly
def glossary(
    term: Annotated[str | None, typer.Argument(help="What a term is called, in any language; default: all.")] = None,
    language: Annotated[Language, typer.Option(help="In which language.")] = Language.EN,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Say in plain words what a term of the memorandum or of a briefing means.

    Example: rasad glossary K-root --language ru
    """
    told = list_glossary(term, None if as_json else language)
    if as_json:
        print_json(told)
        return
    texts = [text for one in told["terms"] for text in one["texts"]]
    for text in texts:
        typer.echo(f"{text['term']}: {text['definition']}")
    if not all(text["is_reviewed"] for text in texts):
        typer.echo(NOT_REVIEWED)
