"""`callbackkit rules`: what the documentation leaves open, and how the carrier reads it."""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from callbackkit.cli.loading import DIALECTS, InputError
from callbackkit.cli.options import json_option
from callbackkit.cli.output import echo_json
from callbackkit.dialect import dialect_named

if TYPE_CHECKING:
    from callbackkit.carrier.ledger import Ledger, Rule

_WIDTH = 100
_LABEL = 8


@click.command(short_help="Show how the carrier reads what the documentation leaves open.")
@click.argument("ids", nargs=-1, metavar="[ID]...")
@json_option
def rules(ids: tuple[str, ...], as_json: bool) -> None:
    """Show the rules that the local carrier goes by where the documentation is silent or says two
    things: those with an ID, such as typeahead, or all.

    Each has its question, what the pages say, and what the carrier does. Where more than one answer
    is believable it has options, which `--rule ID=OPTION` of other commands chooses.
    """
    ledgers = dict(_ledgers())
    chosen = [
        (dialect, rule)
        for dialect, ledger in ledgers.items()
        for rule in ledger
        if not ids or rule.id in ids
    ]
    for wanted in ids:
        if not any(wanted in ledger for ledger in ledgers.values()):
            raise InputError(next(iter(ledgers.values())).unknown(wanted))
    if as_json:
        rows = [{"dialect": name, **asdict(rule), "default": rule.default} for name, rule in chosen]
        echo_json({"rules": rows})
        return
    for number, (dialect, rule) in enumerate(chosen):
        if number:
            click.echo()
        _show(rule, dialect if len(ledgers) > 1 else None)


def _ledgers() -> "Iterator[tuple[str, Ledger]]":
    """Yield the ledgers of all dialects that have a carrier."""
    for name in DIALECTS:
        carrier = dialect_named(name).carrier
        if carrier is not None:
            yield name, carrier().ledger


def _show(rule: "Rule", dialect: str | None) -> None:
    named = rule.id if dialect is None else f"{dialect} {rule.id}"
    click.echo(click.style(named, bold=True))
    _part("asks", [rule.question])
    _part("docs", [rule.docs, ", ".join(rule.pages)])
    _part("carrier", [rule.answer])
    if rule.options is not None:
        _part(
            "options",
            [
                f"{rule.id}={option}{' (default)' if option == rule.default else ''}: {meaning}"
                for option, meaning in rule.options.items()
            ],
        )


def _part(label: str, texts: Sequence[str]) -> None:
    for number, text in enumerate(texts):
        lead = " " * _LABEL if number else click.style(label.ljust(_LABEL), dim=True)
        click.echo("\n".join(_wrapped(lead, text)))


def _wrapped(lead: str, text: str) -> Iterator[str]:
    for line in textwrap.wrap(text, _WIDTH - _LABEL, break_on_hyphens=False):
        yield lead + line
        lead = " " * _LABEL
