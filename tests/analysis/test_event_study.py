"""Abnormal returns: known effects are found, the arithmetic agrees with plain least squares, slips are named."""

from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.errors import InputError
from analysis import command_line
from analysis.event_study.__main__ import event_study
from analysis.event_study.market_model import Design, study
from analysis.event_study.tables_of_users import read_events, read_prices
from tests.analysis.price_paths import DAYS, EVENT, EVENT_PLACE, one_event, prices_from, two_prices, written

DESIGN = Design(market="M")


def only(prices, events=None, design=DESIGN):
    (found,) = study(prices, one_event() if events is None else events, design)
    return found


@pytest.fixture
def run(capsys, monkeypatch):
    """The command: exit code, standard output and standard error for some arguments."""

    def called(*arguments):
        monkeypatch.setattr("sys.argv", ["event_study", *arguments])
        with pytest.raises(SystemExit) as ended:
            command_line.run(event_study, "analysis.event_study")
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return called


@given(alpha=st.floats(-0.01, 0.01), beta=st.floats(-1, 3), effect=st.floats(-0.3, 0.3))
@settings(max_examples=25, deadline=None)
def test_a_known_effect_is_found_exactly_without_noise(alpha, beta, effect):
    found = only(two_prices(alpha=alpha, beta=beta, effect=effect))
    assert (found.alpha, found.beta, found.abnormal_return) == pytest.approx((alpha, beta, effect), abs=1e-10)
    assert found.day == found.trading_day == EVENT


def test_a_known_effect_is_found_within_its_noise():
    found = only(two_prices(noise=0.02, effect=-0.1))
    assert found.abnormal_return == pytest.approx(-0.1, abs=3 * 0.02)
    assert found.residual_sd == pytest.approx(0.02, rel=0.15)
    assert found.t < -2


def test_the_fit_is_that_of_plain_least_squares():
    prices = two_prices(noise=0.02, effect=-0.1)
    by_ticker = prices.pivot(index="Date", columns="ticker", values="price")
    returns = by_ticker.to_numpy()[1:] / by_ticker.to_numpy()[:-1] - 1
    place = EVENT_PLACE - 1
    own, market = returns[place - 250 : place - 30].T
    design = np.column_stack([np.ones_like(market), market])
    (alpha, beta), squares, *_ = np.linalg.lstsq(design, own, rcond=None)
    deviation = np.sqrt(squares[0] / (220 - 2))
    beyond = returns[place, 0] - alpha - beta * returns[place, 1]
    forecast = np.sqrt(1 + np.array([1, returns[place, 1]]) @ np.linalg.inv(design.T @ design) @ [1, returns[place, 1]])
    found = only(prices)
    assert found.n == 220
    assert (found.alpha, found.beta, found.residual_sd) == pytest.approx((alpha, beta, deviation), rel=1e-10)
    assert (found.abnormal_return, found.t) == pytest.approx((beyond, beyond / deviation), rel=1e-10)
    assert found.standardised == pytest.approx(beyond / deviation / forecast, rel=1e-10)


def test_the_order_of_rows_and_the_currency_do_not_matter():
    prices = two_prices(noise=0.02)
    shuffled = prices.sample(frac=1, random_state=3)
    in_cents = shuffled.assign(price=shuffled["price"] * np.where(shuffled["ticker"] == "A", 100, 0.2))
    first, second = only(prices), only(in_cents)
    assert (first.abnormal_return, first.t) == pytest.approx((second.abnormal_return, second.t), rel=1e-9)


def test_the_window_is_what_the_file_holds_and_ends_before_the_event():
    found = only(two_prices(noise=0.02), one_event(DAYS[160]))
    assert (found.n, found.window_start, found.window_end) == (129, DAYS[1], DAYS[160 - 31])


def test_what_happens_after_the_window_changes_nothing_in_the_fit():
    quiet, loud = only(two_prices(noise=0.02)), only(two_prices(noise=0.02, effect=0.3))
    assert (quiet.alpha, quiet.beta, quiet.residual_sd) == pytest.approx((loud.alpha, loud.beta, loud.residual_sd), rel=1e-9)
    assert loud.abnormal_return - quiet.abnormal_return == pytest.approx(0.3, abs=1e-9)


def test_an_event_without_prices_counts_on_the_next_day_of_the_share():
    friday = next(day for day in DAYS[EVENT_PLACE:] if day.weekday() == 4)
    assert only(two_prices(), one_event(friday + timedelta(days=1))).trading_day == friday + timedelta(days=3)
    prices = two_prices(noise=0.02, effect=-0.1)
    closed = prices[~((prices["ticker"] == "A") & (prices["Date"] == EVENT))]
    found = only(closed)
    assert (found.day, found.trading_day) == (EVENT, DAYS[EVENT_PLACE + 1])
    own, market = (prices[prices["ticker"] == name].set_index("Date")["price"] for name in "AM")
    for price, value in ((own, found.raw_return), (market, found.market_return)):
        assert value == pytest.approx(price[DAYS[EVENT_PLACE + 1]] / price[DAYS[EVENT_PLACE - 1]] - 1)


def test_returns_span_the_days_that_share_and_market_have_in_common():
    prices = two_prices(alpha=0.0, beta=1.0)
    thinned = prices[(prices["ticker"] == "M") | prices["Date"].isin(DAYS[::2])]
    found = only(thinned, one_event(DAYS[EVENT_PLACE]), Design(market="M", window=(-190, -31)))
    assert found.beta == pytest.approx(1.0, abs=1e-9)
    assert (found.n, found.abnormal_return) == (160, pytest.approx(0.0, abs=1e-9))


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (DAYS[100], "69 days in the estimation window, below its lower bound 120"),
        (DAYS[10], "0 days in the estimation window"),
        (DAYS[-1] + timedelta(days=1), f"no prices from the event on, the last common day is {DAYS[-1]}"),
    ],
)
def test_an_event_that_cannot_be_studied_is_refused_with_its_reason(day, reason):
    found = only(two_prices(noise=0.01), one_event(day))
    assert reason in found.refused and found.abnormal_return is None and found.t is None


def test_an_event_in_a_long_gap_is_refused():
    prices = two_prices(noise=0.01)
    gap = prices[(prices["ticker"] == "M") | ~prices["Date"].isin(DAYS[EVENT_PLACE : EVENT_PLACE + 15])]
    assert "21 days later, above 14" in only(gap).refused


def test_a_market_that_does_not_move_is_refused():
    prices = pd.concat([prices_from(np.zeros(len(DAYS) - 1), "M"), prices_from(np.full(len(DAYS) - 1, 0.001), "A")])
    assert "does not move" in only(prices).refused


def test_a_cumulative_return_is_the_sum_of_its_days():
    prices = two_prices(noise=0.02, effect=-0.1)
    found = only(prices, design=Design(market="M", cumulative=((0, 0), (0, 1), (-1, 1), (0, 200))))
    day, two, three, beyond = found.cumulative
    assert (day.abnormal_return, day.t) == pytest.approx((found.abnormal_return, found.t))
    following = only(prices, one_event(DAYS[EVENT_PLACE + 1]))
    again = following.raw_return - found.alpha - found.beta * following.market_return
    assert two.abnormal_return == pytest.approx(found.abnormal_return + again)
    assert two.t == pytest.approx(two.abnormal_return / found.residual_sd / np.sqrt(2))
    assert three.window == (-1, 1) and (beyond.abnormal_return, beyond.t) == (None, None)


def test_the_command_gives_a_list_of_objects(tmp_path, run):
    prices, events = written(tmp_path, two_prices(noise=0.02, effect=-0.1), one_event())
    code, out, err = run("--prices", prices, "--events", events, "--market", "M", "--format", "json",
                         "--car", "0", "1")  # fmt: skip
    (row,) = json.loads(out)
    found = only(two_prices(noise=0.02, effect=-0.1))
    assert (code, err) == (0, "")
    assert (row["date"], row["event"], row["ticker"], row["refused"]) == (EVENT.isoformat(), "launch", "A", None)
    names = ("raw_return", "abnormal_return", "t", "alpha", "beta", "n")
    assert [row[name] for name in names] == pytest.approx([getattr(found, name) for name in names])
    assert row["window"] == [found.window_start.isoformat(), found.window_end.isoformat()]
    assert row["cumulative"][0]["window"] == [0, 1]


def test_the_table_says_which_day_counted(tmp_path, run):
    friday = next(day for day in DAYS[EVENT_PLACE:] if day.weekday() == 4)
    prices, events = written(tmp_path, two_prices(noise=0.02), one_event(friday + timedelta(days=1)))
    code, out, _ = run("--prices", prices, "--events", events, "--market", "M")
    assert code == 0 and f"{friday + timedelta(days=3)} (for {friday + timedelta(days=1)})" in out


def test_what_is_refused_does_not_stop_the_others(tmp_path, run):
    early, both = one_event(DAYS[50], "early"), pd.concat([one_event(DAYS[50], "early"), one_event()])
    prices, events = written(tmp_path, two_prices(noise=0.02), both)
    arguments = ("--prices", prices, "--events", events, "--market", "M")
    code, out, err = run(*arguments, "--format", "json")
    assert code == 0 and [row["abnormal_return"] is None for row in json.loads(out)] == [True, False]
    assert "early, A: 19 days" in err
    written(tmp_path, two_prices(noise=0.02), early)
    code, out, err = run(*arguments)
    assert code == 2 and "early, A: 19 days" in err


GOOD = ("Date,ticker,price", "2025-01-02,A,10", "2025-01-03,A,11", "2025-01-02,M,10", "2025-01-03,M,11")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({0: "Date,ticker,prise"}, 'lacks the column "price" (did you mean "prise"?)'),
        ({0: "Date,ticker,price,price"}, 'has the column "price" twice'),
        ({2: "2025-01-03,A,"}, 'line 3: price = "" of A is not a number above 0'),
        ({2: "2025-01-03,A,0"}, 'line 3: price = "0" of A is not a number above 0'),
        ({2: "2025-01-03,A,-1"}, 'price = "-1" of A is not a number above 0'),
        ({2: "2025-01-03,A,inf"}, 'price = "inf" of A is not a number above 0'),
        ({2: "2025-01-03,A,ten"}, 'price = "ten" of A is not a number above 0'),
        ({2: "2025-01-02,A,11"}, 'line 3: ticker = "A" has a price on 2025-01-02 already'),
        ({2: "2025-02-30,A,11"}, 'line 3: Date = "2025-02-30" is not a date such as 2025-01-27'),
        ({2: "3.1.2025,A,11"}, 'Date = "3.1.2025" is not a date such as 2025-01-27'),
        ({2: "2025-01-03,,11"}, "line 3: ticker is empty"),
        ({2: "2025-01-03,A,11,5"}, "line 3: 4 fields where 3 are expected"),
    ],
)
def test_a_slip_in_the_prices_is_named(changes, sentence, tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("\n".join(changes.get(place, line) for place, line in enumerate(GOOD)))
    with pytest.raises(InputError) as error:
        read_prices(path)
    assert sentence in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("day,event\n2025-01-27,x\n", 'event file events.csv lacks the column "date"'),
        ("date,event\n27 Jan,x\n", 'line 2: date = "27 Jan" is not a date such as 2025-01-27'),
        ("date,event\n2025-01-27,\n", "line 2: event is empty"),
        ("date,event\n2025-01-27,x\n2025-01-27,x\n", 'line 3: event = "x" is there twice'),
        ("date,event\n", "has no rows"),
        ("", "is empty, expected the columns date, event"),
    ],
)
def test_a_slip_in_the_events_is_named(text, sentence, tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(text)
    with pytest.raises(InputError) as error:
        read_events(path)
    assert sentence in str(error.value)


def test_further_columns_and_blank_lines_are_left_out(tmp_path):
    path = tmp_path / "prices.csv"
    path.write_text("x,Date,ticker,price\n\n1,2025-01-03,A,11\n2,2025-01-02,A,10\n")
    table = read_prices(path)
    assert list(table.columns) == ["Date", "ticker", "price"] and table["price"].tolist() == [10, 11]


def test_a_wrong_option_ends_with_exit_code_2(run):
    code, out, err = run("--prises", "x")
    assert (code, out) == (2, "") and "--prises" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--market", "N"), 'market = "N" has no prices'),
        (("--market", "M", "--ticker", "AA"), 'unknown ticker "AA" (did you mean "A"?)'),
        (("--market", "M", "--ticker", "M"), 'has no ticker besides the market "M"'),
        (("--market", "M", "--window", "-100", "-31"), "window = -100 -31 has 70 days, below its lower bound 120"),
        (("--market", "M", "--window", "-31", "-250"), "window = -31 -250 ends before it begins"),
        (("--market", "M", "--window", "-250", "0"), "window = -250 0 ends above its upper bound -1"),
        (("--market", "M", "--minimum", "4"), "minimum = 4 is below its lower bound 5"),
        (("--market", "M", "--car", "1", "0"), "car = 1 0 ends before it begins"),
        (("--market", "M", "--car", "-31", "0"), "car = -31 0 begins within the estimation window"),
    ],
)
def test_a_slip_in_the_arguments_is_one_sentence_and_exit_code_2(arguments, sentence, tmp_path, run):
    prices, events = written(tmp_path, two_prices(), one_event())
    code, out, err = run("--prices", prices, "--events", events, *arguments)
    assert (code, out) == (2, "") and sentence in err and len(err.splitlines()) == 1
