"""The outcomes as Markdown, and as the cells that the page shows."""

from collections.abc import Sequence
from dataclasses import dataclass

from tools.prompting.outcomes import SCORES, Outcome, Scores

HEADS = ("UA", "UA against the first", "WA", "Macro-F1", "unparsed")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its heading, its cells under :data:`HEADS`, and its UA for the bar."""

    heading: str
    cells: tuple[str, ...]
    ua: float
    kind: str = "wording"


def lines(outcome: Outcome) -> list[Line]:
    """Return the rows of a table: every wording, mean and spread, the worst case, the ensemble."""
    rows = [Line(text, _cells(scores), scores.ua) for text, scores in outcome.wordings.items()]
    spread = outcome.spread
    mean = {name: f"{one.mean:.3f} ± {one.sd:.3f}" for name, one in spread.items()}
    worst = {name: f"{one.worst:.3f}" for name, one in spread.items()}
    rows.append(Line("mean ± sd", _by_score(mean), spread["ua"].mean, "mean"))
    rows.append(Line(f"worst: {spread['ua'].worst_wording}", _by_score(worst), spread["ua"].worst, "worst"))
    rows.append(Line("all wordings together", _cells(outcome.ensemble), outcome.ensemble.ua, "ensemble"))
    return rows


def markdown(outcome: Outcome) -> str:
    """Return one table under its heading."""
    rows = [("wording", *HEADS), ("---",) * (len(HEADS) + 1)]
    for line in lines(outcome):
        heading = line.heading.replace("|", "\\|")
        rows.append((heading if line.kind == "wording" else f"**{heading}**", *line.cells))
    return "\n".join([f"## {title(outcome)}", "", *(f"| {' | '.join(row)} |" for row in rows), "", remark(outcome)])


def title(outcome: Outcome) -> str:
    """Return the heading of a table."""
    return f"{outcome.test_set} ({outcome.n} utterances)"


def remark(outcome: Outcome) -> str:
    """Say how much the wording matters to single answers."""
    others = [f"{name} under {_quoted(outcome, score)}" for score, name in SCORES.items() if _differs(outcome, score)]
    apart = f" Worst by another score than UA: {', '.join(others)}." if others else ""
    return f"{100 * outcome.unanimous:.1f} % of the utterances are answered alike in all wordings.{apart}"


def note(ensemble: str, count: int) -> str:
    """Say how to read the tables."""
    how = {
        "mean": "the mean of the emotions' probabilities over wordings",
        "vote": "a vote: the emotion named most often, of several the one named by the earliest wording; answers that "
        "name none do not vote",
    }[ensemble]
    return (
        f"{count} wordings of one question, the first of which the system answers by default. Intervals are 95 % "
        "bootstrap intervals over utterances, those against the first wording paired. ± is the standard deviation over "
        "wordings; the worst row holds the lowest score of each column (of unparsed the highest). All wordings "
        f"together: {how}."
    )


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return a line for each table, for the terminal."""
    width = max(len(one.test_set) for one in outcomes)
    return "\n".join(
        f"{one.test_set:<{width}}  n {one.n:>6}  UA {one.spread['ua'].mean:.3f} ± {one.spread['ua'].sd:.3f}, "
        f"worst {one.spread['ua'].worst:.3f}, together {one.ensemble.ua:.3f}, alike {one.unanimous:.3f}; "
        f"worst wording: {one.spread['ua'].worst_wording}"
        for one in outcomes
    )


def _differs(outcome: Outcome, score: str) -> bool:
    """Whether another wording is worst by this score than by UA, and the score tells wordings apart."""
    spread = outcome.spread
    return spread[score].sd > 0 and spread[score].worst_wording != spread["ua"].worst_wording


def _quoted(outcome: Outcome, score: str) -> str:
    return f"“{outcome.spread[score].worst_wording}”"


def _cells(scores: Scores) -> tuple[str, ...]:
    ua = f"{scores.ua:.3f}{_between(scores.ua_ci95)}"
    gain = "" if scores.gain is None else f"{scores.gain:+.3f}{_between(scores.gain_ci95, '+')}"
    return (ua, gain, f"{scores.wa:.3f}", f"{scores.macro_f1:.3f}", f"{scores.unparsed:.3f}")


def _by_score(cells: dict[str, str]) -> tuple[str, ...]:
    return (cells["ua"], "", cells["wa"], cells["macro_f1"], cells["unparsed"])


def _between(bounds: tuple[float, float] | None, sign: str = "") -> str:
    return "" if bounds is None else f" ({bounds[0]:{sign}.3f} to {bounds[1]:{sign}.3f})"
