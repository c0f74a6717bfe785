"""`make evaluate`: what the rules decide on announcements of which a fair committee said what is to become of them."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from backbone.campaign.edition import Edition, load_edition
from backbone.contracts import Condition, Finding, PublicEvent, Verdict
from labelling.domain.criteria import judge

HERE = Path(__file__).parent
EDITION = HERE.parents[2] / "editions" / "2026.toml"

UNREAD = frozenset({"h", "i"})
"""The sources that are kept apart; those before them have been read since."""

FALSE_LABEL, FALSE_REFUSAL, TO_A_PERSON = "labelled, and should not be", "refused, and should not be", "to a person"


@dataclass(frozen=True)
class Judged:
    """An announcement, and what the rules say of it."""

    case: dict[str, Any]
    verdicts: Sequence[Verdict]

    @property
    def outcome(self) -> str:
        """`labelled`, `rejected` or `review`."""
        findings = {verdict.finding for verdict in self.verdicts}
        return "rejected" if Finding.NOT_MET in findings else "review" if Finding.DOUBTFUL in findings else "labelled"

    @property
    def fault(self) -> str | None:
        """What is wrong with it; None if it is right, or a person looks who has to."""
        want, got = self.case["want"], self.outcome
        if got == "labelled" != want:
            return FALSE_LABEL
        if got == "rejected" and want in ("labelled", "review"):
            return FALSE_REFUSAL
        return TO_A_PERSON if got == "review" != want else None


def announcements() -> list[dict[str, Any]]:
    """The whole announcements, as the file has them."""
    return [json.loads(line) for line in (HERE / "announcements.jsonl").read_text(encoding="utf-8").splitlines()]


def statements() -> list[dict[str, Any]]:
    """The texts on one condition each."""
    return [json.loads(line) for line in (HERE / "statements.jsonl").read_text(encoding="utf-8").splitlines()]


def is_kept_apart(case: dict[str, Any]) -> bool:
    """Whether those who write rules have not read it."""
    return case["source"] in UNREAD


def event_of(case: dict[str, Any]) -> PublicEvent:
    """The event that an announcement tells of, inside the week of 2026."""
    hours = {"starts_at": "2026-11-17T09:00:00+01:00", "ends_at": "2026-11-17T12:00:00+01:00"}
    known: dict[str, Any] = {
        "event_id": UUID(int=1),
        "revision": 1,
        "edition": "2026",
        "organiser_id": UUID(int=2),
        "organisation": "Durand",
        "kind": "company_visit",
        "audiences": ("everyone",),
        "admission": "on_registration",
        "is_free": True,
        "slots": (hours,),
        "timezone": "Europe/Paris",
        "online_url": "https://visio.example",
    }
    return PublicEvent.model_validate(known | {name: case[name] for name in known.keys() | _WRITTEN if name in case})


_WRITTEN = {"title", "description"}


def judged(cases: Iterable[dict[str, Any]], edition: Edition | None = None) -> list[Judged]:
    """What the rules say of each."""
    edition = edition or load_edition(EDITION)
    return [Judged(case, judge(event_of(case), edition)) for case in cases]


def wrong_statements() -> list[tuple[dict[str, Any], Verdict]]:
    """The statements on which the finding is none of those that are right."""
    edition = load_edition(EDITION)
    found = []
    for case in statements():
        [verdict] = [each for each in judge(event_of(case), edition) if each.condition == case["condition"]]
        if verdict.finding not in case["want"]:
            found.append((case, verdict))
    return found


def report(name: str, all_of_them: Sequence[Judged]) -> str:
    """The figures of a part of the set, and its faults, false labels first, each with its reason."""
    if not all_of_them:
        return f"## {name}: none"
    outcomes = Counter(each.outcome for each in all_of_them)
    faults = {kind: [each for each in all_of_them if each.fault == kind] for kind in (FALSE_LABEL, FALSE_REFUSAL)}
    lines = [
        f"## {name}: {len(all_of_them)} announcements",
        _share("right of what is labelled", outcomes["labelled"], faults[FALSE_LABEL]),
        _share("right of what is refused", outcomes["rejected"], faults[FALSE_REFUSAL]),
        f"to a person: {outcomes['review']} of {len(all_of_them)} ({outcomes['review'] / len(all_of_them):.0%})",
        *(_of_condition(condition, all_of_them) for condition in Condition),
        *(_line(kind, each) for kind, some in faults.items() for each in some),
    ]
    return "\n".join(lines)


def _share(name: str, number: int, wrong: Sequence[Judged]) -> str:
    right = number - len(wrong)
    return f"{name}: {right} of {number} ({right / number:.1%})" if number else f"{name}: none"


def _of_condition(condition: Condition, all_of_them: Sequence[Judged]) -> str:
    """How often a condition that is in question is caught (not met, or doubted), and how often it is rightly so."""
    in_question = [each for each in all_of_them if each.case.get("criterion") == condition]
    caught = [each for each in all_of_them if _finding(each, condition) != Finding.MET]
    right = [each for each in caught if each.case.get("criterion") == condition]
    recall = f"{len(right)}/{len(in_question)}" if in_question else "–"
    return f"  {condition}: caught {recall}, rightly {len(right)}/{len(caught)}"


def _finding(each: Judged, condition: Condition) -> str:
    return next(verdict.finding for verdict in each.verdicts if verdict.condition == condition)


def _line(kind: str, each: Judged) -> str:
    case = each.case
    reasons = "; ".join(f"{v.code} {[e.text for e in v.evidence]}" for v in each.verdicts if v.evidence)
    return f"  - {kind}: {case['id']} « {case['title']} » ({case.get('note', case['want'])}): {reasons}"


def main() -> None:
    """Prints the figures of the open part, of the part kept apart, and of the statements."""
    everything = judged(announcements())
    apart = [each for each in everything if is_kept_apart(each.case)]
    open_ones = [each for each in everything if not is_kept_apart(each.case)]
    wrong = wrong_statements()
    written = [each for each in open_ones if each.case["source"] != "field"]
    kept = report("Written, kept apart", apart)
    # the texts of the part kept apart are shown to nobody who did not ask
    shown = kept if "--show" in sys.argv else kept.split("\n  -")[0]
    right = f"## Statements: {len(statements()) - len(wrong)} of {len(statements())} right"
    faults = [f"  - {case['group']}: « {case['description']} »: {verdict.code}" for case, verdict in wrong]
    facts = report("Facts of real events", [each for each in open_ones if each.case["source"] == "field"])
    print("\n\n".join((facts, report("Written, open", written), shown, "\n".join((right, *faults)))))  # noqa: T201


if __name__ == "__main__":
    main()
