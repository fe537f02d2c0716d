"""`callbackkit text`: one message to an app, and its replies."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from callbackkit.cli.options import (
    check_texts,
    check_urls,
    from_option,
    json_option,
    target_argument,
    target_options,
    to_option,
)
from callbackkit.cli.output import echo_diagnostics, echo_json, summary, visible
from callbackkit.cli.phones import app_at_work, come_to_end, conclude, phone_of
from callbackkit.testing.failures import PhoneFailure

if TYPE_CHECKING:
    from callbackkit.carrier.messaging import Message
    from callbackkit.testing.phone import Phone


@click.command(short_help="Text an app, and show its replies.")
@target_argument
@click.argument("message", metavar="TEXT", callback=check_texts)
@to_option
@from_option
@click.option(
    "--media",
    multiple=True,
    metavar="URL",
    callback=check_urls,
    help="A file of an MMS; repeatable.",
)
@target_options
@json_option
def text(
    target: str,
    message: str,
    to: str | None,
    media: Sequence[str],
    as_json: bool,
    **options: Any,
) -> None:
    """Send TEXT to the app that TARGET names, and show the messages that it sends.

    TARGET is module:app, for any ASGI app, or the URL of a server in any language. The command
    waits, in virtual time, until everything that follows from the message is done.

    Exits with 1 if something is wrong with the app.
    """
    with app_at_work():
        phone = phone_of(target, **options)
        sent, failure = asyncio.run(_send(phone, to, message, media))
    found, replies = phone.diagnostics, list(phone.inbox)
    if as_json:
        echo_json(_as_json(phone, sent, replies, failure))
    else:
        for reply in replies:
            click.echo(f'{reply.from_} to {reply.to}: "{visible(reply.text)}"')
            for url in reply.media:
                click.echo(f"  {visible(url)}")
        if not replies:
            click.echo("No message came back.")
        click.echo()
        echo_diagnostics(found)
        click.echo(summary(found))
    conclude(found, failure)


async def _send(
    phone: "Phone", to: str | None, message: str, media: Sequence[str]
) -> "tuple[Message, str | None]":
    """Send a message; return it, and why what follows from it did not come to an end."""
    sent: Message | None = None
    try:
        async with phone:
            sent = await phone.text(to, message, media=media)
            await come_to_end(phone)
    except PhoneFailure as error:
        if sent is None:
            raise  # there is nothing to show
        return sent, error.sentence
    return sent, None


def _as_json(
    phone: "Phone", sent: "Message", replies: "list[Message]", failure: str | None
) -> dict[str, Any]:
    from callbackkit.carrier import plain

    events = [one for one in phone.carrier.deliveries if one.subject == sent.id and one.event]
    return {
        "number": sent.to,
        "from": sent.from_,
        "replies": [plain.message_json(reply) for reply in replies],
        "callbacks": [plain.callback_json(delivery) for delivery in events],
        "diagnostics": [plain.diagnostic_json(found) for found in phone.diagnostics],
        "failure": failure,
        "transcript": phone.transcript,
    }
