"""The tables of securities and shareholders, and the declared behaviour of investors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from abm.errors import InputError
from abm.scenario.capital import FRANKE_WESTERHOFF_2012, Capital, load_securities, load_shareholders
from abm.scenario.securities import SECURITIES_FILE
from abm.scenario.shareholders import SHAREHOLDERS_FILE


def changed(source, tmp_path, old: str, new: str):
    """A copy of a table with one text replaced."""
    path = tmp_path / source.name
    text = source.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_securities_are_the_thirteen_listed_firms():
    securities = {one.ticker: one for one in load_securities()}
    assert len(securities) == 13
    assert securities["NVDA"].china_legal == 0.13 and securities["NVDA"].shares_outstanding == 24_500_000_000
    assert securities["688256.SS"].china_domestic > 0 and securities["688256.SS"].home_market == "CN"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("NVDA,NVIDIA", "AMD,NVIDIA", 'ticker "AMD" twice'),
        (",0.75,0.13,", ",0.95,0.13,", "exposures of NVDA sum to 1.08"),
        (",0.75,0.13,", ",1.75,0.13,", "frontier_compute = 1.75 is above its upper bound 1"),
        ("nvidia,US,", "nvidia,USA,", 'home_market = "USA" is not one of'),
        (",134.3,24.5,", ",134.3,240.5,", "shares of NVDA = 240500000000 is outside"),
        (",134.3,24.5,", ",0.001,24.5,", "price_usd of NVDA = 0.001 is below one cent"),
    ],
)
def test_bad_securities_are_named(tmp_path, old, new, message):
    with pytest.raises(InputError, match=message):
        load_securities(changed(SECURITIES_FILE, tmp_path, old, new))


def test_ownership_must_sum_to_one(tmp_path):
    with pytest.raises(InputError, match="us_share of the shareholders sums to 1.1"):
        load_shareholders(changed(SHAREHOLDERS_FILE, tmp_path, "110,0.33,", "110,0.43,"))


def test_a_class_needs_members(tmp_path):
    with pytest.raises(InputError, match="members = 0 is below its lower bound 1"):
        load_shareholders(changed(SHAREHOLDERS_FILE, tmp_path, "active US funds,110,", "active US funds,0,"))


def test_the_published_set_can_replace_ours():
    values = {path.removeprefix("capital."): value for path, value in FRANKE_WESTERHOFF_2012.items()}
    published = replace(Capital(), **values)
    assert published.market_misalignment == published.stock_misalignment == 18.43
    assert published.stock_news == published.earnings_news == 0.0


def test_numbers_outside_their_range_are_refused():
    with pytest.raises(InputError, match="ordinary_attention = 1.5 is above its upper bound 1"):
        Capital(ordinary_attention=1.5)
