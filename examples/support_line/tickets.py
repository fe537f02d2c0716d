"""What both routers work on: the tickets, here in memory."""


class NoSuchTicket(LookupError):
    """A ticket number that was never given out."""


class Tickets:
    """Questions by ticket number, the first one being 100."""

    def __init__(self) -> None:
        self._questions: dict[int, str] = {}
        self.calls = 0

    def open(self, question: str) -> int:
        number = 100 + len(self._questions)
        self._questions[number] = question
        return number

    def question(self, number: str) -> str:
        try:
            return self._questions[int(number)]
        except (KeyError, ValueError):
            raise NoSuchTicket(number) from None
