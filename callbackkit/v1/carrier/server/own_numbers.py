"""Which numbers the app may call and write from: those of the account, and how they are written."""

import re
from typing import Any

from callbackkit.addresses import E164
from callbackkit.bxml.text import masked
from callbackkit.v1.carrier.carrier import Carrier
from callbackkit.v1.carrier.server.rejections import RestRejection

_NORTH_AMERICAN = re.compile(r"\+1([0-9]{3})([0-9]{3})([0-9]{4})")
_TOLL_FREE = re.compile(r"\+18(?:00|33|44|55|66|77|88)[0-9]{7}")


def check_sender(carrier: Carrier, fields: Any, docs: str) -> None:
    """Raise RestRejection for a `from` that is no number of the account. `docs` is the page that
    says so."""
    number = fields.get("from") if isinstance(fields, dict) else None
    if not isinstance(number, str) or not number.strip():
        return  # which is another error
    account = carrier.account
    owned = account.number(number)
    if owned is not None and owned.number == number:
        return
    carrier.diagnose(
        "error",
        "unowned-number",
        f"{masked(number)[:40]} is no number of the account; its numbers are"
        f" {', '.join(one.number for one in account.owned()) or 'none'}",
        docs,
    )
    if next(account.owned(), None) is None:
        raise RestRejection(
            "no-allocated-number", account.user_id, details={"userId": account.user_id}
        )
    raise RestRejection(
        "number-access-denied",
        account.user_id,
        number,
        details={"userId": account.user_id, "number": number},
    )


def is_number(text: str) -> bool:
    """Return whether a text is a telephone number in E.164."""
    return re.fullmatch(E164, text) is not None


def is_toll_free(number: str) -> bool:
    """Return whether the callee pays for calls to a number."""
    return _TOLL_FREE.fullmatch(number) is not None


def national(number: str) -> str | None:
    """Return a number as people write it in North America, None for one from elsewhere."""
    found = _NORTH_AMERICAN.fullmatch(number)
    return None if found is None else "({}) {}-{}".format(*found.groups())
