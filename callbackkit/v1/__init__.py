"""The v1 dialect: its app, events and verbs, and what reads and checks its BXML.

This is the one place to import from; what costs an import of its own (lxml, the client) is loaded
when used.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from callbackkit.app import App as _App
from callbackkit.background import After as After
from callbackkit.bxml import Verb as Verb
from callbackkit.callback import Callback as Callback
from callbackkit.dialect import CarrierOption, Dialect
from callbackkit.replies import Reply as Reply
from callbackkit.routing import Router as _Router
from callbackkit.v1 import events, verbs, wire
from callbackkit.v1.events import *  # noqa: F403
from callbackkit.v1.linting import lint as lint
from callbackkit.v1.linting import parse as parse
from callbackkit.v1.verbs import *  # noqa: F403

if TYPE_CHECKING:
    from callbackkit.samples import Samples
    from callbackkit.v1.client import Client as Client


def _samples() -> "Samples":
    from callbackkit.v1.samples import SAMPLES

    return SAMPLES


def _client() -> type[Any]:
    from callbackkit.v1.client import Client

    return Client


def _carrier() -> type[Any]:
    from callbackkit.v1.carrier import Carrier

    return Carrier


def _rest_app(carrier: Any, act: Callable[..., Any]) -> Callable[..., Any]:
    from callbackkit.v1.carrier.server import rest_app

    return rest_app(carrier, act)


def _rest_client(carrier: Any, app: Callable[..., Any]) -> Any:
    from callbackkit.client import Retry, in_process

    account = carrier.account
    return _client()(
        account.user_id,
        account.token,
        account.secret,
        base_url=carrier.base_url,
        transport=in_process(app),
        # The carrier's clock may stand still, so waiting before a retry changes nothing.
        retry=Retry(delay=0.0),
    )


DIALECT = Dialect(
    name="v1",
    module=__name__,
    decode=wire.decode,
    events=wire.EVENTS,
    unknown=events.UnknownEvent,
    query_marks=frozenset({"eventType"}),
    documents=(verbs.Response,),
    vocabulary=verbs.VOCABULARY,
    pages={"callbacks": "bxml/bxmlCallbacks"},
    samples=_samples,
    client=_client,
    carrier=_carrier,
    carrier_options=(
        CarrierOption(
            "callback_http_method",
            ("GET", "POST"),
            "How the application gets its callbacks; BXML needs GET.",
        ),
        CarrierOption("limits", ("off", "documented"), "Whether the documented rate limits apply."),
    ),
    rest_app=_rest_app,
    rest_client=_rest_client,
)


class Router(_Router):
    """Handlers of v1 events in a file of their own, added to the app by `app.include(router)`."""

    dialect: ClassVar[Dialect] = DIALECT


class App(_App):
    __doc__ = _App.__doc__

    dialect: ClassVar[Dialect] = DIALECT


# Type checkers know the names from the imports above; to them __getattr__ would have any other too.
if not TYPE_CHECKING:
    __all__ = ["DIALECT", "After", "App", "Callback", "Client", "Reply", "Router", "Verb"]
    __all__ += ["lint", "parse", *events.__all__, *verbs.__all__]  # noqa: PLE0604 (texts)

    def __getattr__(name: str) -> Any:
        if name != "Client":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return _client()
