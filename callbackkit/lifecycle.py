"""The start and stop of an app: by the server, by the host it lives in, or by itself."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from typing import Any

from callbackkit.background import Background
from callbackkit.errors import SetupError
from callbackkit.logs import logger
from callbackkit.providers import Providers

# Tasks that keep apps open which nobody starts: an app that is dropped must not drop its task.
_keepers: set[asyncio.Task[None]] = set()


class Lifecycle:
    """The life of one app, which may start and stop repeatedly, also on different event loops.

    `check` runs the checks of the app and raises SetupError. `startup` makes the context manager of
    the user's own startup. Work in `background` gets `shutdown_timeout` seconds at the end.
    """

    def __init__(
        self,
        check: Callable[[], None],
        providers: Providers,
        background: Background,
        startup: Callable[[], AbstractAsyncContextManager[Any]] | None,
        shutdown_timeout: float,
    ) -> None:
        self._check = check
        self._providers = providers
        self._background = background
        self._startup = startup
        self._shutdown_timeout = shutdown_timeout
        self.serves_on: asyncio.AbstractEventLoop | None = None
        """The event loop on which the app is ready for callbacks, None while it is not."""
        # Where its resources were opened: an override changes what is provided without closing
        # what is open.
        self._opened_on: asyncio.AbstractEventLoop | None = None
        self._resources = AsyncExitStack()
        self._broken: SetupError | None = None
        self._starting: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None
        self._ready: asyncio.Future[None] | None = None

    @asynccontextmanager
    async def run(self) -> AsyncIterator[None]:
        """Start the app, and stop it at the end. Raises SetupError if a check fails."""
        loop = asyncio.get_running_loop()
        if self._opened_on is loop:
            yield
            return
        self._prepare()
        self._providers.forget()
        async with AsyncExitStack() as stack:
            if self._startup is not None:
                await stack.enter_async_context(self._startup())
            await self._providers.open(stack)
            self._resources = stack
            self._opened_on = self.serves_on = loop
            try:
                yield
            finally:
                self._opened_on = self.serves_on = None
                await self._background.settle(self._shutdown_timeout)

    async def start(self) -> None:
        """Start at the first callback, where no lifespan did, or again after an override."""
        loop = asyncio.get_running_loop()
        if self._starting is None or self._starting[0] is not loop:
            self._starting = (loop, asyncio.Lock())
        async with self._starting[1]:
            if self.serves_on is loop:
                return
            if self._opened_on is loop:
                self._prepare()
                await self._providers.open(self._resources)
                self.serves_on = loop
                return
            # A task of its own enters and leaves the lifespan, as task groups in it demand; it is
            # cancelled with the loop, which closes what was opened. A request that was cancelled
            # while it waited has left one at work.
            ready = self._ready
            if ready is None or ready.done() or ready.get_loop() is not loop:
                ready = self._ready = loop.create_future()
                keeper = loop.create_task(self._keep(ready))
                _keepers.add(keeper)
                keeper.add_done_callback(_keepers.discard)
            await asyncio.shield(ready)

    def reconsider(self) -> None:
        """Check and open again before the next callback, as something else is provided now."""
        self.serves_on = None
        self._broken = None

    async def answer_server(self, receive: Any, send: Any) -> None:
        """Speak the lifespan protocol of ASGI."""
        await receive()
        stage = "startup"
        try:
            async with self.run():
                await send({"type": "lifespan.startup.complete"})
                stage = "shutdown"
                await receive()
        except Exception as error:
            if not isinstance(error, SetupError):
                logger.exception("the app failed at %s", stage)
            await send({"type": f"lifespan.{stage}.failed", "message": str(error)})
            return
        await send({"type": "lifespan.shutdown.complete"})

    def _prepare(self) -> None:
        if self._broken is not None:
            raise self._broken
        try:
            self._check()
        except SetupError as error:
            self._broken = error
            raise

    async def _keep(self, ready: "asyncio.Future[None]") -> None:
        try:
            async with self.run():
                ready.set_result(None)
                # The end of the loop is an end like any other: a generator runs on after its yield.
                with suppress(asyncio.CancelledError):
                    await asyncio.get_running_loop().create_future()
        except Exception as error:
            if ready.done():
                raise
            if not isinstance(error, SetupError):
                logger.exception("the app failed at startup")
                error = SetupError(f"it failed at startup with {type(error).__name__}")
            ready.set_exception(error)
