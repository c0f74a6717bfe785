"""Which days are worked at a place, and when the last of some of them ends."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from backbone.campaign.working_days import end_of_working_day, is_working_day


@pytest.mark.parametrize(
    ("day", "postcode", "is_worked"),
    [
        ("2026-03-06", "69100", True),
        ("2026-03-07", "69100", False),  # a Saturday
        ("2026-05-14", "69100", False),  # Ascension
        ("2026-11-11", None, False),  # online: as in the metropolis
        ("2026-04-03", "75001", True),  # Good Friday
        ("2026-04-03", "67000", False),  # … in Alsace
        ("2026-04-03", "57000", False),  # … in Moselle
        ("2026-04-03", "54000", True),  # … in its neighbour
        ("2025-12-26", "68100", False),
        ("2025-12-26", "69100", True),
        ("2027-12-20", "97400", False),  # the abolition of slavery: on a day of its own everywhere
        ("2026-05-22", "97200", False),
        ("2026-05-27", "97110", False),
        ("2026-06-10", "97300", False),
        ("2026-04-27", "97600", False),
        ("2026-05-27", "97400", True),
        ("2026-05-28", "97150", False),  # Saint-Martin, which has postcodes of Guadeloupe
        ("2026-10-09", "97133", False),  # Saint-Barthélemy, which has too
        ("2026-11-20", "98714", False),  # Polynesia, where Matari’i stands in for the day of autonomy since 2025
        ("2026-09-24", "98800", False),  # New Caledonia
        ("2026-07-29", "98600", False),  # Wallis-et-Futuna
        ("2026-11-01", "98000", False),  # Monaco is no department: the days of the metropolis (and a Sunday)
    ],
)
def test_each_place_keeps_its_own_holidays(day, postcode, is_worked):
    assert is_working_day(date.fromisoformat(day), postcode) is is_worked


@pytest.mark.parametrize(
    ("asked", "postcode", "due"),
    [
        ("2026-03-02T09:00+00:00", "69100", "2026-03-06T18:00+01:00"),  # Monday → Friday
        ("2026-03-05T09:00+00:00", "69100", "2026-03-11T18:00+01:00"),  # Thursday → Wednesday, over a week-end
        ("2026-03-07T09:00+00:00", None, "2026-03-12T18:00+01:00"),  # Saturday → Thursday
        ("2026-03-26T09:00+00:00", None, "2026-04-01T18:00+02:00"),  # over the change to summer time
        ("2026-03-01T23:30+00:00", None, "2026-03-06T18:00+01:00"),  # Sunday in London is Monday in Paris
        ("2026-05-12T09:00+00:00", "69100", "2026-05-19T18:00+02:00"),  # Ascension is between
        ("2026-04-02T09:00+00:00", "69100", "2026-04-09T18:00+02:00"),  # Easter Monday is between
        ("2026-04-02T09:00+00:00", "67000", "2026-04-10T18:00+02:00"),  # and Good Friday, in Strasbourg
        ("2026-12-17T09:00+00:00", "97400", "2026-12-23T18:00+04:00"),  # the 20th is a Sunday; 18:00 is there
        ("2027-12-16T09:00+00:00", "97400", "2027-12-23T18:00+04:00"),  # the 20th is a Monday
        ("2026-03-02T21:00+00:00", "97400", "2026-03-09T18:00+04:00"),  # it is Tuesday there already
        ("2026-03-03T02:00+00:00", "97110", "2026-03-06T18:00-04:00"),  # it is Monday there still
    ],
)
def test_the_last_of_four_working_days_ends_at_six_in_the_evening_there(asked, postcode, due):
    found = end_of_working_day(datetime.fromisoformat(asked), 4, postcode)
    assert (found, found.utcoffset()) == (datetime.fromisoformat(due), datetime.fromisoformat(due).utcoffset())
