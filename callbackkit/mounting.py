"""Routes for a host app built on Starlette: the only file that knows Starlette's router."""

from typing import Any

from starlette.routing import BaseRoute, Match, Mount


class PrefixRoute(Mount):
    """A mount that takes the bare prefix too, where Starlette's would redirect to the slash.

    Nothing says that the platform follows redirects, and a redirected callback is delivered late
    at best.
    """

    def matches(self, scope: Any) -> tuple[Match, Any]:
        match, child = super().matches(scope)
        if match is Match.NONE and "path" in scope:
            match, child = super().matches({**scope, "path": scope["path"] + "/"})
        return match, child


class RoutesAt(tuple[BaseRoute, ...]):
    """Called with a prefix, gives the routes that serve the app there.

    It is an empty tuple as well, because a host's Mount looks for `routes` on what it mounts.
    """

    _app: Any

    @classmethod
    def of(cls, app: Any) -> "RoutesAt":
        routes = cls()
        routes._app = app
        return routes

    def __call__(self, prefix: str) -> list[BaseRoute]:
        """Routes for `prefix`, which starts with a slash: add them to the host's routes."""
        return [PrefixRoute(prefix, app=self._app)]
