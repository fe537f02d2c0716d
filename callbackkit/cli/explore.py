"""`callbackkit explore`: everything that a caller can do, with findings and a graph."""

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callbackkit.bxml.text import masked
from callbackkit.carrier.leg import KEYS
from callbackkit.cli.options import (
    check_keys,
    json_option,
    target_argument,
    target_options,
    to_option,
)
from callbackkit.cli.output import echo_finding, echo_json, summary, visible
from callbackkit.cli.phones import app_at_work, conclude, phone_of

if TYPE_CHECKING:
    from callbackkit.testing.explore import Exploration
    from callbackkit.testing.phone import Phone

_MERMAID, _FENCED, _DOT = {".mmd"}, {".md"}, {".dot", ".gv"}


def _keys(context: click.Context, option: click.Parameter, value: str) -> Any:
    return "".join(dict.fromkeys(check_keys(context, option, value or ())))


def _graph(_context: click.Context, _option: click.Parameter, file: Path | None) -> Path | None:
    if file is not None:
        if file.suffix not in _MERMAID | _FENCED | _DOT:
            raise click.BadParameter(
                f"{file.name!r}: it ends with .mmd or .md for Mermaid, with .dot or .gv for DOT"
            )
        # Before the crawl, which takes its time.
        if not file.absolute().parent.is_dir():
            raise click.BadParameter(f"there is no folder {str(file.parent)!r}")
    return file


@click.command(short_help="Try everything that a caller can do.")
@target_argument
@to_option
@click.option(
    "--depth",
    type=click.IntRange(0),
    default=4,
    show_default=True,
    help="The most things that a caller does in one call.",
)
@click.option(
    "--keys",
    default=KEYS,
    show_default=True,
    callback=_keys,
    help="The keys to try.",
)
@click.option(
    "--calls",
    type=click.IntRange(1),
    default=10_000,
    show_default=True,
    help="The most calls to make.",
)
@click.option(
    "--graph",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    metavar="FILE",
    callback=_graph,
    help="Where to draw the call flow: .mmd or .md for Mermaid, .dot or .gv for DOT.",
)
@target_options
@json_option
def explore(
    target: str,
    to: str | None,
    depth: int,
    keys: str,
    calls: int,
    graph: Path | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Call the app that TARGET names again and again, in virtual time, and try everything.

    Wherever something listens, it tries each key, silence, speech and hanging up; wherever another
    phone rings, an answer and none. It finds failures, invalid BXML, dead air, endless loops,
    points without a way out, prompts that name keys which do nothing, and handlers that no call
    reaches. Exits with 1 if one of these is an error.

    TARGET is module:app, for any ASGI app, or the URL of a server in any language. The app's own
    state is kept from call to call.
    """
    from callbackkit.carrier.plain import hidden

    with app_at_work():
        phone = phone_of(target, **options)
        found = asyncio.run(_crawl(phone, to, depth, keys, calls))
    if graph is not None:
        _write(graph, found)
    if as_json:
        echo_json(hidden(asdict(found)))
    else:
        _show(found)
        if graph is not None:
            click.echo(f"The graph is in {visible(graph)}.")
    conclude(found.findings)


async def _crawl(
    phone: "Phone", to: str | None, depth: int, keys: str, calls: int
) -> "Exploration":
    async with phone:
        return await phone.explore(to, depth=depth, keys=keys, calls=calls)


def _show(found: "Exploration") -> None:
    click.echo(str(found).partition("\n")[0])
    if found.longest:
        click.echo(f"The longest way: {' then '.join(found.longest)}")
    click.echo()
    for one in found.findings:
        way = " then ".join(one.path) or "the call came in"
        sources = f"{one.rule}, {one.docs}"
        echo_finding(one.level, f"{one.message} (after {way})", sources, one.place)
    click.echo(summary(found.findings))


def _write(file: Path, found: "Exploration") -> None:
    drawn = found.dot() if file.suffix in _DOT else found.mermaid()
    if file.suffix in _FENCED:
        drawn = f"```mermaid\n{drawn}```\n"
    try:
        file.write_text(masked(drawn), "utf-8")
    except OSError as error:
        raise click.ClickException(f"{visible(file)} can't be written: {error.strerror}") from None
