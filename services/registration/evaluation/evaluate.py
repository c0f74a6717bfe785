"""`make evaluate`: how rightly two announcements are taken for one event."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pairs import Pair, open_pairs, pairs_kept_apart

from registration.domain.likeness import Announced, are_one


@dataclass(frozen=True)
class Figures:
    """What the rule says of some pairs."""

    pairs: Sequence[Pair]
    asked: Sequence[bool]

    @property
    def right(self) -> int:
        return sum(pair.is_one and asked for pair, asked in zip(self.pairs, self.asked, strict=True))

    @property
    def precision(self) -> float:
        return self.right / max(1, sum(self.asked))

    @property
    def recall(self) -> float:
        return self.right / max(1, sum(pair.is_one for pair in self.pairs))

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def wrong(self) -> list[Pair]:
        return [pair for pair, asked in zip(self.pairs, self.asked, strict=True) if pair.is_one != asked]


def measured(pairs: Sequence[Pair]) -> Figures:
    """What the rule says of each pair."""
    return Figures(pairs, [is_asked(pair) for pair in pairs])


def is_asked(pair: Pair) -> bool:
    """Whether whoever submits the second would be asked."""
    return are_one(Announced.of(pair.one), Announced.of(pair.other), is_own=pair.is_of_one_organisation)


def report(name: str, figures: Figures) -> str:
    """The figures, and of each kind of pair how many are wrong."""
    every = Counter(pair.kind for pair in figures.pairs)
    wrong = Counter(pair.kind for pair in figures.wrong)
    line = f"precision {figures.precision:.3f}, recall {figures.recall:.3f}, F1 {figures.f1:.3f}"
    kinds = [f"  {kind}: {wrong[kind]} wrong of {number}" for kind, number in every.items()]
    return "\n".join([f"## {name}: {len(figures.pairs)} pairs, {line}", *kinds])


def told(pair: Pair) -> str:
    """A pair on which the rule is wrong."""
    want = "one event" if pair.is_one else "two events"
    return (
        f"  - {pair.kind}, {want}: « {pair.one['title']} » / « {pair.other['title']} » ({pair.other['organisation']})"
    )


def main() -> None:
    """Prints the figures of both halves, and what is wrong in the open one (`--show`: in the other as well)."""
    for name, pairs, is_open in (("Open", open_pairs(), True), ("Kept apart", pairs_kept_apart(), False)):
        figures = measured(pairs)
        print(report(name, figures))  # noqa: T201
        if is_open or "--show" in sys.argv:
            print("\n".join(map(told, figures.wrong)))  # noqa: T201


if __name__ == "__main__":
    main()
