"""The words that led the rules to their findings, marked where they stand in the organiser's own text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from backbone.contracts import Finding, Verdict


@dataclass(frozen=True)
class Stretch:
    """A part of a text, and the conditions on whose account a rule points to it; of none, it is plain text."""

    text: str
    conditions: tuple[str, ...] = ()
    is_against: bool = False
    """Whether what was found there speaks against the label, or is in doubt."""


def marked(text: str, field: str, verdicts: Iterable[Verdict]) -> list[Stretch]:
    """The text of a field in stretches, which joined are the text. A place that is none in this text marks nothing."""
    places = [
        (evidence.start, evidence.end, verdict)
        for verdict in verdicts
        for evidence in verdict.evidence
        if evidence.field == field and evidence.start is not None and evidence.end is not None
        if 0 <= evidence.start < evidence.end <= len(text)
    ]
    bounds = sorted({0, len(text), *(bound for first, last, _ in places for bound in (first, last))})
    return [
        _stretch(text[first:last], [verdict for start, end, verdict in places if start <= first and last <= end])
        for first, last in pairwise(bounds)
    ]


def _stretch(text: str, verdicts: Sequence[Verdict]) -> Stretch:
    conditions = tuple(dict.fromkeys(verdict.condition for verdict in verdicts))
    return Stretch(text, conditions, any(verdict.finding != Finding.MET for verdict in verdicts))


def declared(field: str, verdicts: Iterable[Verdict]) -> list[str]:
    """The conditions in doubt, or not met, on account of what was declared in this field, rather than written."""
    return [
        verdict.condition
        for verdict in verdicts
        if verdict.finding != Finding.MET
        if any(evidence.field == field and evidence.start is None for evidence in verdict.evidence)
    ]
