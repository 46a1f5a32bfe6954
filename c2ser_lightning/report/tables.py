"""The score tables as plain text, for the terminal."""

import math
from collections.abc import Sequence

from c2ser_lightning.metrics.paired import PairedScores
from c2ser_lightning.report.results import Result
from c2ser_lightning.report.scoring import FurtherScores


def score_table(results: Sequence[Result]) -> str:
    """Return a table of systems with their intervals, recall of each emotion, chance level and further scores below."""
    emotions = results[0].scores.emotions
    width = max(8, *(len(result.name) for result in results))
    head = f"{'system':<{width}}  {'n':>6}  {'WA':>6}  {'UA':>6}  {'UA 95 %':>14}  {'F1':>6}  {'F1 seen':>7}  "
    head += f"{'unparsed':>8}  "
    lines = [head + "  ".join(f"{emotion[:9]:>9}" for emotion in emotions)]
    lines.append("-" * len(lines[0]))
    for result in results:
        scores = result.scores
        low, high = scores.ci95["ua"]
        row = f"{result.name:<{width}}  {scores.n:>6}  {scores.wa:>6.3f}  {scores.ua:>6.3f}  [{low:.3f}, {high:.3f}]"
        row += f"  {scores.macro_f1:>6.3f}  {scores.macro_f1_seen:>7.3f}  {scores.unparsed_rate:>8.3f}  "
        lines.append(row + "  ".join(f"{scores.per_class[emotion].recall:>9.3f}" for emotion in emotions))
    lines.append(f"chance level of UA {results[0].scores.chance_ua:.3f}; right of 'unparsed': recall of each emotion")
    lines += [
        f"{result.name}: {result.scores.ignored} utterances without a reference in the label set are not scored"
        for result in results
        if result.scores.ignored
    ]
    lines += [f"{result.name}: {line}" for result in results for line in further_lines(result.further)]
    if results[0].synthetic:
        lines.append("the speech of this corpus is synthetic (espeak-ng); these figures say nothing about human speech")
    return "\n".join(lines)


def further_lines(further: FurtherScores) -> list[str]:
    """Say in a line each what was measured beside recognition."""
    lines = []
    if further.speakers is not None:
        low, high = further.speakers.ci95["ua"]
        lines.append(f"UA [{low:.3f}, {high:.3f}] over {further.speakers.speakers} speakers")
    if further.annotators is not None:
        aware, strict = further.annotators.any_annotator, further.annotators.strict_majority
        lines.append(
            f"any annotator's label: Macro-F1 {aware.macro_f1:.3f} (n {aware.n}); strict majority: "
            f"Macro-F1 {strict.macro_f1:.3f} (n {strict.n})"
        )
    if further.soft_labels is not None:
        soft = further.soft_labels
        lines.append(
            f"against votes: JS {soft.jensen_shannon:.3f}, BC {soft.bhattacharyya:.3f}, "
            f"KL {soft.kullback_leibler:.3f}, entropy correlation {figure(soft.entropy_correlation)}"
        )
    if further.calibration is not None:
        lines.append(f"calibration: ECE {further.calibration.ece:.3f} (n {further.calibration.n})")
    if further.hearing is not None:
        hearing = further.hearing
        errors = f"word errors {figure(hearing.wer)}, character errors {figure(hearing.cer)}"
        lines.append(f"heard: {errors} (n {hearing.n})")
    return lines + _grounding_lines(further) + _efficiency_lines(further)


def paired_line(first: str, second: str, paired: PairedScores) -> str:
    """Say what distinguishes two systems on the utterances that both answered."""
    low, high = paired.ci95["ua"]
    return (
        f"{second} - {first}: UA {paired.difference['ua']:+.3f} [{low:+.3f}, {high:+.3f}], only {first} right "
        f"{paired.only_first}, only {second} right {paired.only_second}, "
        f"McNemar p {paired.mcnemar_p:.3g} (n {paired.n})"
    )


def figure(value: float, digits: int = 3) -> str:
    """Format a number, NaN as "none"."""
    return "none" if math.isnan(value) else f"{value:.{digits}f}"


def _grounding_lines(further: FurtherScores) -> list[str]:
    grounding = further.grounding
    if grounding is None:
        return []
    claims = ", ".join(
        f"{name} {figure(scores.accuracy)} (guessing {figure(scores.guessing)})"
        for name, scores in grounding.attributes.items()
    )
    rates = f"word errors {figure(grounding.wer)}, character errors {figure(grounding.cer)}, "
    rates += f"fabricated content words {figure(grounding.fabrication_rate)}"
    return [
        f"claims that agree with the measured level: {claims}",
        f"contradicted answers {grounding.contradiction_rate:.3f} of {grounding.explicit} explicit; "
        f"stated transcripts: {rates}",
    ]


def _efficiency_lines(further: FurtherScores) -> list[str]:
    cost = further.efficiency
    if cost is None:
        return []
    return [
        f"{1e3 * cost.seconds_per_answer:.1f} ms and {cost.tokens_per_answer:.1f} tokens an answer, "
        f"{1e3 * cost.latency_median:.0f} ms median latency in batches of {cost.batch:.1f}"
    ]
