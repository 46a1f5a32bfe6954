"""Krippendorff's alpha for nominal values with missing ones."""

from collections import Counter
from collections.abc import Sequence


def nominal_alpha(units: Sequence[Sequence[str | None]]) -> float | None:
    """Return the reliability of labels that several reviewers gave to the same units.

    One minus the ratio of observed to expected disagreement (Krippendorff, Computing Krippendorff's alpha-reliability,
    2011, section C); a unit counts when at least two reviewers gave it a value.

    Args:
        units: For each unit the reviewers' values; ``None`` where a reviewer gave none.

    Returns:
        1 for perfect agreement, 0 for that of chance, below 0 for less; ``None`` where no two values can be compared or
        only one value occurs.
    """
    values: Counter[str] = Counter()
    disagreement = 0.0
    for unit in units:
        counts = Counter(value for value in unit if value is not None)
        size = counts.total()
        if size < 2:
            continue
        values += counts
        disagreement += (size * size - sum(count * count for count in counts.values())) / (size - 1)
    total = values.total()
    expected = total * total - sum(count * count for count in values.values())
    return 1 - (total - 1) * disagreement / expected if expected else None
