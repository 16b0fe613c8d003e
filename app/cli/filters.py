"""The options by which results and series are chosen, alike in every command."""

from typing import Annotated

import typer

from app.cli.context import NUMBER
from measurements.results.outcome import Label

_TARGET = "A name from `rasad targets`, a host name or an address."
Target = Annotated[str, typer.Option(help=_TARGET)]
AnyTarget = Annotated[str | None, typer.Option("--target", help=_TARGET)]
AtlasIds = Annotated[list[int] | None, typer.Option(help="Only this measurement; may be repeated.", **NUMBER)]
Probes = Annotated[
    list[int] | None, typer.Option("--probe", "--probe-id", help="Only this probe; may be repeated.", **NUMBER)
]
Asns = Annotated[list[int] | None, typer.Option(help="Only probes in this network; may be repeated.", **NUMBER)]
Country = Annotated[
    str | None, typer.Option("--country", "--country-code", help="Only probes in this country, two letters.")
]
Family = Annotated[int | None, typer.Option(help="4 or 6; both unless given.")]
From = Annotated[str | None, typer.Option("--from", help="Start, inclusive: 2026-11-23 or an instant with its zone.")]
To = Annotated[str | None, typer.Option(help="End, exclusive.")]
OneLabel = Annotated[Label, typer.Option(help="Never mixed.")]
