"""A number is found, bought and attached to an application."""

import pytest

URL = "https://example.com/bandwidth"

pytestmark = pytest.mark.callbackkit(app=None, serve=True)


def test_a_number_is_bought_and_its_messages_go_to_the_app(sync_phone, script, capsys) -> None:
    before = set(sync_phone.carrier.account.numbers)

    script("buy_number", "415", URL)

    account = sync_phone.carrier.account
    (bought,) = (number for key, number in account.numbers.items() if key not in before)
    assert bought.number.startswith("+1415")
    application = account.applications[bought.application_id]
    assert application.incoming_message_url == URL
    assert application.name == f"Messages to {bought.number}"
    assert capsys.readouterr().out == f"{bought.number} is yours; its messages go to {URL}\n"


def test_an_area_without_numbers_costs_nothing(sync_phone, script) -> None:
    for number in range(100):
        sync_phone.carrier.own(f"+121255501{number:02}")  # all that there are

    with pytest.raises(SystemExit, match="no number with the area code 212"):
        script("buy_number", "212", URL)
