"""The output of commands: text from outside made safe for a terminal, findings, bodies, JSON."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from callbackkit.bxml import Finding
from callbackkit.bxml.text import masked
from callbackkit.errors import ParseError

if TYPE_CHECKING:
    from callbackkit.carrier.diagnostics import Diagnostic

_COLOURS = {"error": "red", "warning": "yellow", "info": "blue"}
_WIDTH = 80
_LONG = re.compile(r"( *)(<[^<>]+>)([^<>]+)(</[^<>]+>)")


def visible(text: object) -> str:
    """Return text from outside without passwords in URLs and without terminal controls."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in masked(str(text)))


def visible_lines(text: str) -> str:
    """Return text of several lines, each made safe for a terminal."""
    return "\n".join(map(visible, text.splitlines()))


def body_lines(body: bytes) -> list[str]:
    """Return the lines of a reply's body, indented if it is XML."""
    from callbackkit.bxml.parsing import indented

    try:
        lines = indented(body).splitlines()
    except ParseError:
        return [visible(line) for line in body.decode("utf-8", "replace").splitlines()]
    # A text beside many attributes would be hard to see.
    spread = [
        _LONG.sub(r"\1\2\n\1  \3\n\1\4", line) if len(line) > _WIDTH else line for line in lines
    ]
    return [click.style(visible(part), fg="green") for line in spread for part in line.split("\n")]


def echo_json(value: Any) -> None:
    click.echo(json.dumps(value, indent=2))


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


def echo_diagnostics(found: Sequence["Diagnostic"]) -> None:
    """Print a carrier's diagnostics."""
    for one in found:
        line = "" if one.line is None else f"line {one.line} of the BXML: "
        sources = ", ".join(filter(None, (one.rule, one.ledger, one.docs)))
        echo_finding(one.level, line + one.message, sources, one.place)
        # The log has what a handler of callbackkit's has raised.
        if one.detail is not None and one.place is None:
            click.echo("\n".join(f"  {line}" for line in visible_lines(one.detail).split("\n")))


def summary(findings: Sequence[Finding]) -> str:
    """Return the number of findings, in words."""
    counts = Counter[str](finding.level for finding in findings)
    words = {"error": "error", "warning": "warning", "info": "remark"}
    counted = [
        f"{counts[level]} {word}{'' if counts[level] == 1 else 's'}"
        for level, word in words.items()
        if counts[level]
    ]
    return ", ".join(counted) or "no findings"
