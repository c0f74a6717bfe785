"""The file of the next edition, made from the last one's: the days moved, and said of each fact that it is assumed."""

from __future__ import annotations

import re
from datetime import date, timedelta

from backbone.campaign.edition import Edition

from .file import UNDECIDED

_DAY = re.compile(r"^(\w+ = )(\d{4}-\d\d-\d\d)", re.MULTILINE)


def following(text: str, last: Edition, first_day: date, last_day: date) -> str:
    """The text of the next edition's file. What the last one had decided, and may hold once more, stays; its theme does
    not. Every day keeps its distance from the week, and its day of the week where that does."""
    by, name = first_day - last.week.first, str(first_day.year)
    facts, _ = text.split("\n[sources]")
    facts = _DAY.sub(lambda found: f"{found[1]}{date.fromisoformat(found[2]) + by}", facts)
    facts = _set(facts, "name", f'"{name}"')
    facts = _set(facts, "number", str(last.number + 1))
    facts = _set(facts, "theme", f'"{UNDECIDED}"')
    facts = facts.replace(f"La Semaine de l'industrie {last.name}", f"La Semaine de l'industrie {name}", 1)
    longer = (last_day - first_day) - (last.week.last - last.week.first)
    if longer:
        facts = _lengthened(facts, longer)
    return f"{facts}\n[sources]\n{_sources(last, by)}"


def _set(facts: str, name: str, value: str) -> str:
    return re.sub(rf"^{name} = .*$", f"{name} = {value}", facts, count=1, flags=re.MULTILINE)


def _lengthened(facts: str, longer: timedelta) -> str:
    before, week, after = re.split(r"(?=^\[week\]$)|(?=^\[labelling_window\])", facts, flags=re.MULTILINE)

    def end(found: re.Match[str]) -> str:
        return f"last = {date.fromisoformat(found[1]) + longer}"

    ended = [re.sub(r"^last = (\d{4}-\d\d-\d\d)", end, part, count=1, flags=re.MULTILINE) for part in (week, after)]
    return before + "".join(ended)


def _sources(last: Edition, by: timedelta) -> str:
    days = f"moved from {last.name} by {by.days} days"
    kept = f"as in {last.name}"
    said = {
        "number": f"Assumed: one more than {last.name}",
        "theme": "Assumed: nobody has decided it yet",
        "week": "Assumed: as it was asked for when this file was made",
        "labelling_window": f"Assumed: {days}",
        "registration": f"Assumed: {days}",
        "map": f"Assumed: {days}",
    }
    facts = [fact for fact in Edition.model_fields if fact in last.model_fields_set - {"name", "sources"}]
    return "".join(f'{fact} = "{said.get(fact, f"Assumed: {kept}")}"\n' for fact in facts)
