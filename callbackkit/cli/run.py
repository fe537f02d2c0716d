"""`callbackkit run`: an app on uvicorn, with one log line per request that holds no secrets.

uvicorn's own access log is off: it prints the query string, which is the whole callback by GET.
"""

import copy
import os
from typing import Any

import click

from callbackkit import access
from callbackkit.app import App
from callbackkit.cli.hosts import checked, load_served
from callbackkit.logs import logger

_APP = "CALLBACKKIT_APP"  # hands the app's name to the processes that uvicorn starts


@click.command(short_help="Serve an app.")
@click.argument("app", metavar="MODULE:APP")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--public-url",
    metavar="URL",
    help="The app's root as the platform reaches it, for an App without public_url=.",
)
@click.option("--reload", is_flag=True, help="Start again when a file changes.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Processes. Each has a memory of duplicates of its own.",
)
@click.option(
    "--proxy-headers/--no-proxy-headers",
    default=True,
    show_default=True,
    help="Take scheme and client from X-Forwarded-Proto and -For.",
)
@click.option(
    "--forwarded-allow-ips",
    metavar="LIST",
    help="Proxies whose headers are trusted, with commas. [default: 127.0.0.1]",
)
@click.option(
    "--timeout-graceful-shutdown",
    type=click.IntRange(0),
    default=10,
    show_default=True,
    metavar="SECONDS",
    help="How long callbacks in work may take when the server stops.",
)
@click.option(
    "--log-level",
    type=click.Choice(["critical", "error", "warning", "info", "debug"]),
    default="info",
    show_default=True,
    help="The least that is logged; each request is an info.",
)
def run(
    app: str,
    host: str,
    port: int,
    public_url: str | None,
    reload: bool,
    workers: int,
    proxy_headers: bool,
    forwarded_allow_ips: str | None,
    timeout_graceful_shutdown: int,
    log_level: str,
) -> None:
    """Serve an app with uvicorn.

    MODULE:APP is an App, the host app that has it, or a function without parameters that makes one.
    Every request is logged in one line, with event, handler, status and time, and without its query
    string, which holds a message's text. Ctrl-C stops the server when the callbacks in work are
    answered.
    """
    import uvicorn

    if public_url is not None:
        os.environ["CALLBACKKIT_PUBLIC_URL"] = public_url
    if reload and workers > 1:
        raise click.UsageError("--reload and --workers exclude each other")
    # Here what is wrong becomes a sentence; in uvicorn, or in its processes, a traceback.
    checked(app)
    os.environ[_APP] = app
    uvicorn.run(
        f"{__name__}:served",
        factory=True,
        host=host,
        port=port,
        reload=reload,
        workers=workers,
        proxy_headers=proxy_headers,
        forwarded_allow_ips=forwarded_allow_ips,
        timeout_graceful_shutdown=timeout_graceful_shutdown,
        log_level=log_level,
        log_config=_log_config(log_level),
        access_log=False,
    )


def served() -> Any:
    """Load the app in a process of uvicorn's."""
    asgi = load_served(os.environ[_APP]).asgi
    return asgi if isinstance(asgi, App) else _LoggedHost(asgi)


class _LoggedHost:
    """A host whose own requests are logged too, which nobody else logs without their query."""

    def __init__(self, host: Any) -> None:
        self._host = host

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if access.wanted(scope):
            await access.logged(self._host, scope, receive, send)
        else:
            await self._host(scope, receive, send)


def _log_config(level: str) -> dict[str, Any]:
    """uvicorn's own logging, and ours in the same form."""
    from uvicorn.config import LOGGING_CONFIG

    config: dict[str, Any] = copy.deepcopy(LOGGING_CONFIG)
    config["loggers"][logger.name] = {
        "handlers": ["default"],
        "level": level.upper(),
        "propagate": False,
    }
    config["loggers"][access.access.name] = {"level": level.upper()}
    return config
