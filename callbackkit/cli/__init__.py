"""The command `callbackkit`: one file for each of its commands.

Exit codes: 0 for success; 1 for a failure (of an app's check, a reply that is no 2xx, a lint error,
an error that a call has shown); 2 for arguments that are wrong or name nothing that exists.
"""

import os
import sys

import click

from callbackkit.cli.call import call
from callbackkit.cli.carrier import carrier
from callbackkit.cli.demo import demo
from callbackkit.cli.explore import explore
from callbackkit.cli.lint import lint
from callbackkit.cli.routes import routes
from callbackkit.cli.rules import rules
from callbackkit.cli.run import run
from callbackkit.cli.send import send
from callbackkit.cli.text import text


@click.group(
    # A docstring of main's would be wrapped by click without its paragraphs.
    help="Run, look at and try out apps that answer Bandwidth's callbacks.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="callbackkit", message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    if os.environ.get("NO_COLOR"):
        context.color = False
    for stream in (sys.stdout, sys.stderr):
        # What others sent is shown, and a console may lack its characters.
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


for command in (run, routes, call, text, explore, send, lint, carrier, rules, demo):
    main.add_command(command)
