"""`callbackkit lint`: the findings in a BXML document."""

from typing import BinaryIO

import click

from callbackkit.cli.loading import dialect_argument, dialect_module
from callbackkit.cli.output import echo_findings, summary


@click.command(short_help="Find what is wrong with a BXML document.")
@dialect_argument
@click.argument("file", type=click.File("rb"))
def lint(dialect: str, file: BinaryIO) -> None:
    """Find what is wrong with the BXML in FILE, or legal and hardly meant.

    FILE may be - for standard input. Each finding has its line, its rule and the page of the
    documentation that it rests on. Exits with 1 if one of them is an error.
    """
    findings = dialect_module(dialect).lint(file.read())
    echo_findings(findings, getattr(file, "name", "<stdin>"))
    click.echo(summary(findings))
    if any(finding.level == "error" for finding in findings):
        click.get_current_context().exit(1)
