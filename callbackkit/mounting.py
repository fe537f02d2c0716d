"""Routes for a host app built on Starlette: the only file that knows Starlette's router."""

from typing import Any

from starlette.routing import BaseRoute, Match, Mount

from callbackkit.errors import SetupError


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
    """Returns the routes that serve the app at a prefix, when called with one.

    It is an empty tuple as well, because a host's Mount looks for `routes` on what it mounts.
    """

    _app: Any

    @classmethod
    def of(cls, app: Any) -> "RoutesAt":
        routes = cls()
        routes._app = app
        return routes

    def __call__(self, prefix: str) -> list[BaseRoute]:
        """Return routes for `prefix`, a path with a leading slash, to add to the host's routes.

        The prefix may have parameters, such as "/{tenant}", which handlers find in
        `callback.request.path_params`. Raises SetupError for a prefix without the slash.
        """
        if not prefix.startswith("/"):
            raise SetupError(f"routes({prefix!r}): the prefix is a path that starts with a slash")
        return [PrefixRoute(prefix, app=self._app)]
