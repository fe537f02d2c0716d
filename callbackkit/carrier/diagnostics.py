"""Findings of a carrier at work: as a lint has them, with a call and a time."""

from dataclasses import dataclass

from callbackkit.bxml import Finding


@dataclass(frozen=True, slots=True)
class Diagnostic(Finding):
    """One finding for the author of an app.

    Parameters:
        subject: the id of the call or message, "" for none.
        at: seconds of the carrier's clock since its start.
        ledger: the id of the rule in the ledger that decided, if one did.
        place: the handler that gave the reply, as file:line, if that is known.
        detail: more lines, such as a traceback.
    """

    subject: str = ""
    at: float = 0.0
    ledger: str | None = None
    place: str | None = None
    detail: str | None = None

    def __str__(self) -> str:
        who = f"{self.subject} " if self.subject else ""
        where = "" if self.line is None else f"line {self.line}: "
        place = "" if self.place is None else f"{self.place}: "
        sources = ", ".join(filter(None, (self.rule, self.ledger, self.docs)))
        first = f"{self.level}: {who}{place}{where}{self.message} [{sources}]"
        return first if self.detail is None else f"{first}\n{self.detail}"
