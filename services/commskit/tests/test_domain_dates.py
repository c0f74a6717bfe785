from __future__ import annotations

from datetime import UTC, date

import pytest

from backbone.contracts.event import Slot
from commskit.domain import group_slots, name_days


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def lines(*slots: Slot, timezone: str = "Europe/Paris") -> list[str]:
    return [plain(", ".join(filter(None, (it.days, it.hours)))) for it in group_slots(slots, timezone)]


def test_an_opening_is_told_with_its_weekday_and_hours(a_slot):
    assert lines(a_slot("2026-11-17", "09:00", "11:30")) == ["mardi 17 novembre 2026, 9 h – 11 h 30"]


def test_days_with_the_same_hours_are_told_together(a_slot):
    tuesday, thursday = a_slot("2026-11-17", "09:00", "11:30"), a_slot("2026-11-19", "09:00", "11:30")
    assert lines(tuesday, thursday) == ["mardi 17 et jeudi 19 novembre 2026, 9 h – 11 h 30"]


def test_days_with_other_hours_are_told_apart_in_the_order_of_the_first(a_slot):
    late = a_slot("2026-11-18", "14:00", "16:05")
    assert lines(late, a_slot("2026-11-19", "09:00", "10:00"), a_slot("2026-11-17", "09:00", "10:00")) == [
        "mardi 17 et jeudi 19 novembre 2026, 9 h – 10 h",
        "mercredi 18 novembre 2026, 14 h – 16 h 05",
    ]


def test_several_hours_of_one_day_share_a_line(a_slot):
    morning, afternoon = a_slot("2026-11-17", "09:00", "11:00"), a_slot("2026-11-17", "14:00", "16:00")
    assert lines(morning, afternoon) == ["mardi 17 novembre 2026, 9 h – 11 h et 14 h – 16 h"]


def test_three_days_in_a_row_are_a_run(a_slot):
    week = [a_slot(f"2026-11-{day}", "10:00", "17:00") for day in (17, 18, 19, 20)]
    assert lines(*week) == ["du mardi 17 au vendredi 20 novembre 2026, 10 h – 17 h"]


def test_hours_are_those_of_the_clock_on_the_wall_there(a_slot):
    slot = a_slot("2026-11-17", "09:00", "11:30", "Indian/Reunion")
    in_utc = Slot(starts_at=slot.starts_at.astimezone(UTC), ends_at=slot.ends_at.astimezone(UTC))
    assert lines(in_utc, timezone="Indian/Reunion") == ["mardi 17 novembre 2026, 9 h – 11 h 30"]


def test_an_exhibition_of_several_days_and_nights_has_a_beginning_and_an_end(a_slot):
    assert lines(a_slot("2026-11-16", "09:00", "17:00", until="2026-11-20")) == [
        "du lundi 16, 9 h, au vendredi 20 novembre 2026, 17 h"
    ]


def test_two_long_openings_of_one_day_are_both_told(a_slot):
    both = [a_slot("2026-11-16", "09:00", "17:00", until=until) for until in ("2026-11-18", "2026-11-20")]
    assert len(lines(*both)) == 2


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((date(2026, 12, 1),), "mardi 1er décembre 2026"),
        ((date(2026, 11, 30), date(2026, 12, 1)), "lundi 30 novembre et mardi 1er décembre 2026"),
        (
            (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1)),
            "du mercredi 30 décembre 2026 au vendredi 1er janvier 2027",
        ),
    ],
)
def test_a_month_and_a_year_are_told_once(days, told):
    assert plain(name_days(days)) == told


def test_numbers_never_part_from_their_units(a_slot):
    (opening,) = group_slots([a_slot("2026-11-17", "09:00", "11:30")], "Europe/Paris")
    assert opening.hours == "9\u00a0h\u00a0–\u00a011\u00a0h\u00a030"
    assert "17\u00a0novembre" in opening.days
