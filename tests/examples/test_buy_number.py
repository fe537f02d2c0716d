"""A number is found, bought and attached to an application."""

import pytest

URL = "https://example.com/bandwidth"


def test_a_number_is_bought_and_its_messages_go_to_the_app(account, script, capsys) -> None:
    script("buy_number", "415", URL)

    *_, (number_id, number) = account.phone_numbers.items()
    ((application_id, application),) = account.applications.items()
    assert number_id != "n-owned"
    assert number == {"number": "+14155550113", "applicationId": application_id}
    assert application == {"name": "Messages to +14155550113", "incomingMessageUrl": URL}
    assert capsys.readouterr().out == f"+14155550113 is yours; its messages go to {URL}\n"


def test_an_area_without_numbers_costs_nothing(account, script) -> None:
    with pytest.raises(SystemExit, match="no number with the area code 212"):
        script("buy_number", "212", URL)

    assert list(account.phone_numbers) == ["n-owned"]
    assert account.applications == {}
