"""`callbackkit routes`: which handler takes what, as the app itself will decide."""

from collections.abc import Sequence

import click

from callbackkit.cli.hosts import checked
from callbackkit.handlers import name_of
from callbackkit.table import Filter, Route

_HEADINGS = ("", "event", "filters", "path", "when", "timeout", "handler", "where")


@click.command(short_help="Show which handler takes what.")
@click.argument("app", metavar="MODULE:APP")
def routes(app: str) -> None:
    """Show the handlers of an app in the order in which they are tried.

    MODULE:APP is an App, the host app that has it (or several, shown one after another),
    or a function without parameters that makes one.

    The first that matches takes the event. Runs every check that the app runs when it starts, and
    exits with 1 if one fails.
    """
    for number, one in enumerate(checked(app).apps):
        if number:
            click.echo()
        _show(app, one.handlers)


def _show(app: str, handlers: Sequence[Route]) -> None:
    if not handlers:
        click.echo(f"{app} has no handlers")
        return
    columns = zip(_HEADINGS, *map(_row, handlers), strict=True)
    # A column that no handler uses would only make the lines longer.
    used = [column for column in columns if any(column[1:])]
    widths = [max(map(len, column)) for column in used]
    for number, row in enumerate(zip(*used, strict=True)):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.secho("  ".join(cells).rstrip(), bold=number == 0)


def _row(route: Route) -> Sequence[str]:
    return (
        str(route.order + 1),
        ", ".join(event if isinstance(event, str) else event.__name__ for event in route.events),
        " ".join(f"{condition.name}={_values(condition)}" for condition in route.filters),
        "" if route.path is None else _values(route.path),
        "" if route.when is None else name_of(route.when),
        "" if route.timeout is None else f"{route.timeout:g} s",
        route.handler.name,
        route.handler.where,
    )


def _values(condition: Filter) -> str:
    if condition.test is not None:
        return f"~{condition.test.pattern}"
    return "|".join(sorted(map(str, condition.values or ())))
