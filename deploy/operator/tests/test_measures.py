from __future__ import annotations

from pathlib import Path

import pytest

EDITION = Path(__file__).parents[3] / "editions" / "2026.toml"


@pytest.mark.parametrize("command", ["bulk-cancel", "move-online", "bulk-reinstate"])
async def test_an_operator_sees_which_events_of_a_region_would_be_called_off(sdi, make_database, command):
    known = {"REGISTRATION_DATABASE_URL": await make_database("registration"), "EDITION": str(EDITION)}
    answer = await sdi("events", command, "--region", "84", "--dry-run", told=known)
    assert (answer.exit_code, answer.errors) == (0, "")
    assert answer.text.splitlines() == [
        f"registration: {command}, edition 2026, 84 Auvergne-Rhône-Alpes, from the first day to the last:",
        "0 events would be told anew; 0 are so already; 0 are left; 0 are lost.",
        "Nobody was told. To do it: --apply in place of --dry-run",
    ]


async def test_where_registrations_database_is_not_known_one_line_says_so(sdi):
    answer = await sdi("events", "bulk-cancel", "--region", "84", "--apply", told={"EDITION": str(EDITION)})
    assert (answer.exit_code, answer.errors.count("\n")) == (2, 1)
    assert "DATABASE_URL" in answer.errors
