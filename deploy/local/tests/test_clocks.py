"""The local stack's clock, from one start to the next."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backbone.campaign.edition import load_edition
from local_stack.clocks import begin_clock

EDITION = load_edition(Path(__file__).parents[3] / "editions" / "2026.toml")


def test_the_demonstrations_clock_goes_on_at_the_next_start(tmp_path):
    first = begin_clock(tmp_path / "clock.json", EDITION, {})
    assert first.now == "2026-06-20T12:00:00+02:00"
    assert begin_clock(tmp_path / "clock.json", EDITION, {}) == first


def test_once_nobody_may_register_by_it_any_more_it_begins_anew(tmp_path):
    long_ago = datetime.now(UTC) - timedelta(days=150)
    kept = {"now": "2026-06-20T12:00:00+02:00", "since": long_ago.isoformat()}
    (tmp_path / "clock.json").write_text(json.dumps(kept))
    begun = begin_clock(tmp_path / "clock.json", EDITION, {})
    assert (begun.now, datetime.fromisoformat(begun.since) > long_ago) == (kept["now"], True)
    assert begun.clock.now().date() == datetime(2026, 6, 20, tzinfo=UTC).date()


def test_a_clock_that_is_given_begins_at_each_start(tmp_path):
    given = {"NOW": "2026-11-17T09:00:00+01:00"}
    first = begin_clock(tmp_path / "clock.json", EDITION, given)
    assert begin_clock(tmp_path / "clock.json", EDITION, given).since > first.since
    assert begin_clock(tmp_path / "clock.json", EDITION, {}).now == "2026-06-20T12:00:00+02:00"
