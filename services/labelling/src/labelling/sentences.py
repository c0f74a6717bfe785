"""The sentences that a refusal or a question to the organiser may begin from: plain files, one for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from backbone.contracts import Condition, Verdict

QUOTED = "{mots}"
"""Stands in a sentence for the words of the organiser that it is about; without such words it is not offered."""


@dataclass(frozen=True)
class Sentence:
    """A sentence to begin from. `name` is its file's."""

    name: str
    text: str


@cache
def _all() -> Mapping[str, tuple[Sentence, ...]]:
    folder = files("labelling") / "templates"
    found = {}
    for room in ("refus", "correction"):
        for subject in (folder / room).iterdir():
            if subject.is_dir():
                texts = sorted((each for each in subject.iterdir()), key=lambda each: each.name)
                found[f"{room}/{subject.name}"] = tuple(
                    Sentence(each.name.removesuffix(".txt"), " ".join(each.read_text(encoding="utf-8").split()))
                    for each in texts
                )
    return found


def refusals(condition: str, verdict: Verdict | None) -> Sequence[Sentence]:
    """What an organiser may be told who does not meet the condition, with their own words where a sentence quotes."""
    quoted = next((evidence.text for evidence in verdict.evidence if evidence.start is not None), "") if verdict else ""
    offered = _all().get(f"refus/{condition}", ())
    return [
        Sentence(one.name, one.text.replace(QUOTED, " ".join(quoted.split())[:80]))
        for one in offered
        if quoted or QUOTED not in one.text
    ]


def corrections() -> Mapping[str, Sequence[Sentence]]:
    """What an organiser may be asked to correct, by what is missed."""
    return {key.partition("/")[2]: texts for key, texts in _all().items() if key.startswith("correction/")}


CONDITIONS = tuple(condition.value for condition in Condition)
