"""How news spreads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.chance import Chance
from abm.news import Attention, NewsDesk, NewsItem, chance_of_salience

ATTENTION = Attention(ordinary=0.9, hazard=0.01, growth=0.01, salient_share=0.85, salience_hazard=0.0)


def desk(*items: NewsItem, speeds=(1.0, 0.5)) -> NewsDesk:
    """A desk that has published the items."""
    new = NewsDesk(ATTENTION, speeds, Chance(1), bellwether="NVDA")
    for item in items:
        new.publish(item)
    return new


def item(name: str = "launch", **traits) -> NewsItem:
    """Institutional news of day 0, unless said otherwise."""
    return NewsItem(**({"name": name, "day": 0, "kind": "launch", "title": name, "institutional": True} | traits))


def test_ordinary_news_reaches_nine_in_ten_in_a_day():
    (spread,) = desk(item(institutional=False)).spread(0)
    assert spread.now == pytest.approx((0.9, 1 - 0.1**0.5))


def test_institutional_news_diffuses_slowly_and_faster_every_day():
    news = desk(item())
    shares = [news.spread(day)[0].now[0] for day in range(10)]
    rises = [after - before for before, after in zip([0.0, *shares], shares, strict=False)]
    assert shares[0] == pytest.approx(0.01) and shares[-1] < 0.5
    assert rises == sorted(rises)


def test_a_declared_day_makes_it_salient():
    news = desk(item(), item("ordinary", institutional=False))
    news.spread(0)
    salient = news.salience(1, declared=True, moved=())
    assert salient == ("launch",)
    assert [one.now for one in news.spread(1, salient) if one.item.name == "launch"] == [(0.85, 0.85)]
    assert news.salience(2, declared=True, moved=()) == ()


def test_a_large_move_of_the_stock_most_concerned_makes_it_salient():
    changes = (("AMD", 0.01), ("TSM", -0.02))
    news = desk(item("rule", changes=changes), item("surprise", surprise=1.0))
    assert news.salience(0, declared=False, moved=("TSM", "NVDA")) == ()  # yesterday's moves were not about it
    news.spread(0)
    assert news.salience(1, declared=False, moved=("TSM",)) == ("rule",)
    assert news.salience(1, declared=False, moved=("AMD", "NVDA")) == ("surprise",)


def test_news_that_names_whom_it_concerns_becomes_salient_by_that_stock():
    news = desk(item("launch", changes=(("688256.SS", 0.05),), concerns="NVDA"))
    news.spread(0)
    assert news.salience(1, declared=False, moved=("688256.SS",)) == ()
    assert news.salience(1, declared=False, moved=("NVDA",)) == ("launch",)


def test_the_hazard_of_salience_follows_how_many_notice_in_a_day_not_how_many_know():
    attention = Attention(ordinary=0.9, hazard=0.9, growth=0.0, salient_share=0.85, salience_hazard=2.0)
    first, second = 0, 0
    for seed in range(300):
        news = NewsDesk(attention, (1.0,), Chance(seed))
        news.publish(item())
        assert news.salience(0, declared=False, moved=()) == ()  # nobody has noticed it yet
        news.spread(0)
        first += bool(news.salience(1, declared=False, moved=()))
        news.spread(1)
        second += bool(news.salience(2, declared=False, moved=()))
    assert first / 300 == pytest.approx(chance_of_salience(2.0, 0.9), abs=0.06)
    assert second / 300 == pytest.approx(chance_of_salience(2.0, 0.09), abs=0.06)


def test_news_of_a_later_day_waits():
    news = desk(item(day=3))
    assert news.spread(2) == () and news.salience(2, declared=True, moved=()) == ()
    assert len(news.spread(3)) == 1


def test_a_name_is_never_used_again():
    news = desk(item())
    with pytest.raises(ValueError, match="published before"):
        news.publish(item())


@given(st.booleans(), st.lists(st.floats(0.05, 3.0), min_size=1, max_size=4), st.integers(0, 30))
def test_shares_rise_to_one_and_days_join(institutional, speeds, salient_day):
    news = desk(item(institutional=institutional), speeds=speeds)
    known = (0.0,) * len(speeds)
    for day in range(3000):
        salient = news.salience(day, declared=day == salient_day, moved=())
        spreads = news.spread(day, salient)
        if not spreads:
            break
        assert spreads[0].before == known
        assert all(after >= before for before, after in zip(known, spreads[0].now, strict=True))
        known = spreads[0].now
    assert known == (1.0,) * len(speeds)
    assert news.state() == (("launch",), ())
