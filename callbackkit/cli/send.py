"""`callbackkit send`: one callback as the platform would send it, to any URL."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from callbackkit.bxml import Finding
from callbackkit.carrier.delivery import Delivery
from callbackkit.carrier.sending import body_of, headers_of, local_or
from callbackkit.cli.loading import InputError, dialect_argument, dialect_module
from callbackkit.cli.options import check_urls, to_dict
from callbackkit.cli.output import body_lines, echo_findings, summary, visible
from callbackkit.errors import SetupError
from callbackkit.events import Event

if TYPE_CHECKING:
    import httpx


TIMEOUT = 10.0
"""Seconds to wait for a reply where the platform names no limit."""


@click.command(short_help="Send a callback to an app.")
@dialect_argument
@click.argument("event")
@click.option(
    "--to", "url", required=True, callback=check_urls, metavar="URL", help="Where to send it."
)
@click.option(
    "--set",
    "values",
    multiple=True,
    metavar="FIELD=VALUE",
    callback=to_dict,
    help="A field of the callback, by its name on the wire; repeatable.",
)
@click.option("--get", "chosen", flag_value="GET", default=None, help="Send it by GET.")
@click.option("--post", "chosen", flag_value="POST", default=None, help="Send it by POST.")
def send(dialect: str, event: str, url: str, values: dict[str, str], chosen: str | None) -> None:
    """Send the callback EVENT as the dialect's documentation shows it, and show the reply.

    EVENT is the type of an event, such as answer or gather. Ids are fresh and the time is now.
    Without --get or --post it is sent by GET if the platform does so, else by POST.

    The query of URL is kept, and user:password@ in it is sent as HTTP Basic. Exits with 0 if the
    reply is a 2xx.
    """
    import httpx

    known = dialect_module(dialect)
    samples, events = known.DIALECT.samples(), known.DIALECT.events
    try:
        target = httpx.URL(url)
        # "GET" comes before "POST".
        method: str = chosen or min(sample["transport"] for sample in samples.samples(event))
        callback = samples.make(event, method, **values)
    except (SetupError, httpx.InvalidURL) as error:
        raise InputError(str(error)) from None
    place = visible(target.copy_with(userinfo=b""))
    click.secho(f"{method} {place}", bold=True)
    width = max(map(len, callback))
    for name, value in callback.items():
        click.echo(f"  {click.style(name.ljust(width), dim=True)}  {visible(value)}")
    timeout = events[event].reply_timeout or TIMEOUT
    # A proxy of the environment can't reach what runs here.
    try:
        with httpx.Client(timeout=timeout, trust_env=not local_or(None)(url)) as client:
            delivery = Delivery("", event, method, url, callback, timeout, "callbackkit")
            response = client.send(_request(delivery))
    except httpx.TimeoutException:
        raise click.ClickException(
            f"{place} did not reply within {timeout:g} seconds, which is how long the platform"
            " waits"
        ) from None
    except httpx.TransportError as error:
        raise click.ClickException(f"{place} can't be reached: {visible(error)}") from None
    _show(response, events[event], method, known.lint)
    if not response.is_success:
        click.get_current_context().exit(1)


def _request(delivery: Delivery) -> "httpx.Request":
    import httpx

    query = delivery.query.encode() or None
    url = httpx.URL(delivery.url).copy_with(userinfo=b"", query=query)
    headers = headers_of(delivery)
    return httpx.Request(delivery.method, url, content=body_of(delivery), headers=headers)


def _show(
    response: "httpx.Response",
    event: type[Event],
    method: str,
    lint: Callable[[bytes], list[Finding]],
) -> None:
    kind = response.headers.get("content-type", "")
    status = f"{response.status_code} {response.reason_phrase}  {visible(kind)}".rstrip()
    click.secho(f"\n{status}", bold=True, fg="green" if response.is_success else "red")
    if location := response.headers.get("location"):
        click.echo(f"  to {visible(location)}: nothing says that the platform follows redirects")
    for line in body_lines(response.content):
        click.echo(f"  {line}")
    if not response.is_success:
        return
    if not response.content:
        if event.silence is not None and event.answerable.get(method) == "yes":
            click.echo(f"  No verbs: {event.silence}.")
        return
    click.echo()
    if method not in event.answerable:
        click.echo(f"The platform does not read this reply; {event.unread}.")
        return
    findings = lint(response.content)
    echo_findings(findings)
    click.echo(summary(findings))
