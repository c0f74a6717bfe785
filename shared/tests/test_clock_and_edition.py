"""The campaign's clock, and the editions that ship."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from backbone.campaign.clock import Clock, StoppedClock
from backbone.campaign.edition import CANARY, Edition, load_edition, load_editions

EDITIONS = Path(__file__).parents[2] / "editions"


def test_the_clock_is_the_real_one_unless_it_is_set():
    before = datetime.now(UTC)
    assert before <= Clock().now() <= datetime.now(UTC)


def test_a_clock_that_is_set_back_goes_on_from_there():
    start = datetime(2020, 11, 16, 8, 0, tzinfo=UTC)
    clock = Clock(start)
    first = clock.now()
    assert start <= first < start + timedelta(seconds=30)
    assert clock.now() >= first


def test_clocks_told_since_when_it_was_now_agree_whenever_each_started():
    start, since = datetime(2026, 6, 20, 10, 0, tzinfo=UTC), datetime.now(UTC) - timedelta(hours=3)
    before = datetime.now(UTC) - since
    told = Clock(start, since).now()
    assert start + before <= told <= start + (datetime.now(UTC) - since)


def test_a_stopped_clock_stands_until_it_is_moved():
    clock = StoppedClock(datetime(2020, 1, 1, tzinfo=UTC))
    assert clock.now() == datetime(2020, 1, 1, tzinfo=UTC)
    clock.at += timedelta(days=1)
    assert clock.now() == datetime(2020, 1, 2, tzinfo=UTC)


@pytest.mark.parametrize("path", sorted(EDITIONS.glob("*.toml")), ids=lambda path: path.stem)
def test_an_edition_that_ships_can_be_played(path):
    edition = load_edition(path)
    assert edition.name == path.stem
    assert edition.week.first.weekday() == 0
    assert edition.week.last - edition.week.first == timedelta(days=6)
    assert edition.week.first in edition.labelling_window
    assert edition.registration.opens <= edition.registration.last_day < edition.week.first


def test_both_editions_ship():
    assert [path.stem for path in sorted(EDITIONS.glob("*.toml"))] == ["2020", "2026"]


def test_who_plays_one_edition_knows_the_others_too():
    editions = load_editions(EDITIONS / "2020.toml")
    assert editions.current == editions.get("2020") == load_edition(EDITIONS / "2020.toml")
    assert [edition.name for edition in editions] == ["2026", "2020"]
    assert editions.get("1999") is None


def test_the_edition_of_2026_is_the_fifteenth_since_2021_took_no_number():
    assert load_edition(EDITIONS / "2026.toml").number == 15


def test_a_fact_without_a_source_makes_no_edition():
    whole = load_edition(EDITIONS / "2026.toml").model_dump()
    whole["sources"] = {**whole["sources"], "number": " "}
    del whole["sources"]["week"]
    with pytest.raises(ValidationError, match=r"needs its source: \[sources\] says nothing of number, week"):
        Edition.model_validate(whole)


def test_the_edition_of_2020_is_as_the_sources_tell_it():
    edition = load_edition(EDITIONS / "2020.toml")
    assert (edition.number, edition.theme) == (10, "Inventer un avenir durable")
    assert (edition.week.first, edition.week.last) == (date(2020, 11, 16), date(2020, 11, 22))
    window = edition.labelling_window
    assert (window.first, window.last, window.partly_outside) == (edition.week.first, edition.week.last, "not_met")
    assert edition.registration.last_day == date(2020, 3, 19)
    assert edition.map.opens == date(2020, 2, 1)


def test_both_ends_of_a_period_belong_to_it():
    week = load_edition(EDITIONS / "2020.toml").week
    days = [date(2020, 11, 15), date(2020, 11, 16), date(2020, 11, 22), date(2020, 11, 23)]
    assert [day in week for day in days] == [False, True, True, False]


def test_a_period_that_ends_before_it_begins_is_refused():
    whole = load_edition(EDITIONS / "2020.toml").model_dump()
    whole["week"] = {"first": date(2020, 11, 22), "last": date(2020, 11, 16)}
    with pytest.raises(ValidationError, match="a period ends after it begins"):
        Edition.model_validate(whole)


def test_no_edition_bears_the_canarys_name_and_nobody_but_who_judges_knows_that_one(tmp_path):
    told = (EDITIONS / "2026.toml").read_text()
    (tmp_path / "2026.toml").write_text(told)
    (tmp_path / "other.toml").write_text(told.replace('name = "2026"', f'name = "{CANARY.name}"'))
    with pytest.raises(ValueError, match=r"other\.toml: the name 0000 is the canary’s"):
        load_editions(tmp_path / "2026.toml")
    (tmp_path / "other.toml").unlink()
    known = load_editions(tmp_path / "2026.toml")
    assert (known.get(CANARY.name), CANARY in list(known)) == (None, False)
    assert (known.judging(CANARY.name), known.judging("2026")) == (CANARY, known.current)
