"""Prices from a file: all of it or nothing."""

from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Price
from accounts.spending.price_files import COLUMNS, SAMPLE

pytestmark = pytest.mark.django_db
GOOD = "openai,gpt-4o-mini,2026-01-01,0.15,0.075,0.60,USD"


HEADING = ",".join(COLUMNS)


def file_of(folder, *lines, heading=HEADING):
    path = folder / "prices.csv"
    path.write_text("\n".join(["# a note", heading, *lines]), encoding="utf-8")
    return str(path)


def test_the_examples_load_and_load_again(capsys):
    call_command("load_prices", sample=True)
    loaded = Price.objects.count()
    assert loaded >= 5
    call_command("load_prices", sample=True)
    assert Price.objects.count() == loaded
    assert f"0 prices added, {loaded} brought up to date." in capsys.readouterr().out
    assert "compare with the vendor's page" in SAMPLE.read_text(encoding="utf-8")


def test_a_price_of_the_same_day_is_changed(tmp_path):
    call_command("load_prices", file_of(tmp_path, GOOD))
    call_command("load_prices", file_of(tmp_path, GOOD.replace("0.60", "0.70")))
    assert Price.objects.get().output_per_million == Decimal("0.7")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (GOOD.replace("0.15", "cheap"), "input_per_million"),
        (GOOD.replace("0.15", "-1"), "input_per_million"),
        (GOOD.replace("2026-01-01", "soon"), "valid_from"),
        (GOOD.replace("USD", "EUR"), "counts in USD"),
        (GOOD.replace("openai", "nobody"), "provider"),
        ("openai,gpt", "currency"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_taken(tmp_path, line, reason):
    with pytest.raises(CommandError, match="Price 2.*" + reason):
        call_command("load_prices", file_of(tmp_path, GOOD.replace("gpt-4o-mini", "good"), line))
    assert not Price.objects.exists()


def test_wrong_columns_and_missing_files_are_named(tmp_path):
    with pytest.raises(CommandError, match="The columns must be"):
        call_command("load_prices", file_of(tmp_path, GOOD, heading="model,price"))
    with pytest.raises(CommandError, match="No such file"):
        call_command("load_prices", str(tmp_path / "nowhere.csv"))
    with pytest.raises(CommandError, match="Name a file"):
        call_command("load_prices")
