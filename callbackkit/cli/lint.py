"""`callbackkit lint`: what is wrong with a BXML document that somebody else wrote."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import click

from callbackkit.bxml import Finding
from callbackkit.cli.exchange import visible
from callbackkit.cli.loading import dialect_argument, dialect_module

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}


@click.command(short_help="Find what is wrong with a BXML document.")
@dialect_argument
@click.argument("file", type=click.File("rb"))
def lint(dialect: str, file: BinaryIO) -> None:
    """Find what is wrong with the BXML in FILE, or legal and hardly meant.

    DIALECT is v1. FILE may be - for standard input. Each finding has its line, its rule and the
    page of the documentation that it rests on. Exits with 1 if one of them is an error.
    """
    findings = dialect_module(dialect).lint(file.read())
    echo_findings(findings, getattr(file, "name", "<stdin>"))
    click.echo(summary(findings))
    if any(finding.level == "error" for finding in findings):
        click.get_current_context().exit(1)


def echo_findings(findings: Iterable[Finding], file: str | None = None) -> None:
    """Print findings; those of a file as compilers do, so that editors find the line."""
    for finding in findings:
        place = None if file is None else f"{file}:{finding.line or 1}"
        echo_finding(finding.level, finding.message, f"{finding.rule}, {finding.docs}", place)


def echo_finding(level: str, message: str, sources: str, place: str | None) -> None:
    """Print one finding. `sources` are what it rests on, `place` is a file with its line."""
    where = "" if place is None else f"{visible(place)}: "
    shown = click.style(level, fg=_COLOURS[level], bold=True)
    rests = click.style(f"[{sources}]", dim=True)
    click.echo(f"{where}{shown}: {visible(message)} {rests}")


def summary(findings: Sequence[Finding]) -> str:
    """How many findings there are, in words."""
    counts = Counter[str](finding.level for finding in findings)
    words = {"error": "error", "warning": "warning", "info": "remark"}
    told = [
        f"{counts[level]} {word}{'' if counts[level] == 1 else 's'}"
        for level, word in words.items()
        if counts[level]
    ]
    return ", ".join(told) or "no findings"
