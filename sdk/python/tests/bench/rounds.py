"""Rounds in which contenders take turns, so that other load of the machine affects all of them."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median


class Series(list[float]):
    """The values of a contender, a value for each round."""

    @property
    def median(self) -> float:
        """The median over the rounds."""
        return median(self)

    def ratio(self, baseline: Series) -> float:
        """Returns the median of the ratios to a baseline, round by round."""
        return median(
            ours / theirs for ours, theirs in zip(self, baseline, strict=True)
        )


def turns(rounds: int, contenders: int) -> Iterator[int]:
    """Yields the next contender: each runs once per round, and each round starts with another contender."""
    for number in range(rounds):
        for turn in range(contenders):
            yield (number + turn) % contenders


def report(case: str, value: float, unit: str) -> None:
    """Prints a result."""
    print(f"{case} {value:.6g} {unit}", flush=True)
