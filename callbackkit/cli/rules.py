"""`callbackkit rules`: what the platform's pages leave open, and how the carrier reads them."""

import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from callbackkit.cli.loading import DIALECTS, Unusable
from callbackkit.cli.phones import echo_json, json_option
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
    things: those with an ID, such as R9, or all.

    Each has its question, what the pages say, and what the carrier does. Where both readings can
    be believed there is a knob, which `--knob NAME=VALUE` of other commands turns.
    """
    ledgers = dict(_ledgers())
    chosen = [
        (dialect, rule)
        for dialect, ledger in ledgers.items()
        for rule in ledger
        if not ids or rule.id.upper() in map(str.upper, ids)
    ]
    known = {rule.id.upper(): rule.id for ledger in ledgers.values() for rule in ledger}
    for wanted in ids:
        if wanted.upper() not in known:
            raise Unusable(f"there is no rule {wanted!r}; there are {', '.join(known.values())}")
    if as_json:
        echo_json({"rules": [_told(dialect, rule) for dialect, rule in chosen]})
        return
    for number, (dialect, rule) in enumerate(chosen):
        if number:
            click.echo()
        _show(rule, dialect if len(ledgers) > 1 else None)


def _ledgers() -> "Iterator[tuple[str, Ledger]]":
    """The ledgers of all dialects that have a carrier."""
    for name in DIALECTS:
        carrier = dialect_named(name).carrier
        if carrier is not None:
            yield name, carrier().ledger


def _show(rule: "Rule", dialect: str | None) -> None:
    named = rule.id if dialect is None else f"{dialect} {rule.id}"
    click.echo("\n".join(_wrapped(click.style(named.ljust(_LABEL), bold=True), rule.question)))
    _part("docs", [rule.docs, ", ".join(rule.pages)])
    _part("carrier", [rule.ours])
    if rule.knob is not None:
        knob = rule.knob
        _part(
            "knob",
            [
                f"{knob.name}={value}{' (default)' if value == knob.default else ''}: {meaning}"
                for value, meaning in knob.readings.items()
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


def _told(dialect: str, rule: "Rule") -> dict[str, Any]:
    knob = rule.knob
    return {
        "dialect": dialect,
        "id": rule.id,
        "question": rule.question,
        "docs": rule.docs,
        "pages": list(rule.pages),
        "carrier": rule.ours,
        "knob": None
        if knob is None
        else {"name": knob.name, "default": knob.default, "readings": dict(knob.readings)},
    }
