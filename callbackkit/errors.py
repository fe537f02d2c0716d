"""Every exception that callbackkit itself raises, so that users can catch them in one place."""


class CallbackkitError(Exception):
    """The base of all errors of callbackkit."""


class SetupError(CallbackkitError):
    """A wrong handler, filter, provider or option. Raised before the first callback is served."""


class DecodeError(CallbackkitError, ValueError):
    """What was received is no callback at all. The app answers 400."""


class ReplyError(CallbackkitError):
    """A handler's reply that nobody will read, that can't be rendered, or that is too big."""


class VerbError(CallbackkitError, ValueError):
    """A verb was given a value, a child or an attribute that its documentation rules out."""


class ParseError(CallbackkitError, ValueError):
    """BXML that can't be read back into verbs.

    `line` is the line in the document, counted from 1, or None where there is none to name.
    """

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line
