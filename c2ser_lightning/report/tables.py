"""The score table as plain text, for the terminal."""

from collections.abc import Sequence

from c2ser_lightning.report.results import Result


def score_table(results: Sequence[Result]) -> str:
    """Return a table of systems with their intervals, recall of each emotion, and the chance level below."""
    emotions = results[0].scores.emotions
    width = max(8, *(len(result.name) for result in results))
    head = f"{'system':<{width}}  {'n':>6}  {'WA':>6}  {'UA':>6}  {'UA 95 %':>14}  {'F1':>6}  {'unparsed':>8}  "
    lines = [head + "  ".join(f"{emotion[:9]:>9}" for emotion in emotions)]
    lines.append("-" * len(lines[0]))
    for result in results:
        scores = result.scores
        low, high = scores.ci95["ua"]
        row = f"{result.name:<{width}}  {scores.n:>6}  {scores.wa:>6.3f}  {scores.ua:>6.3f}  [{low:.3f}, {high:.3f}]"
        row += f"  {scores.macro_f1:>6.3f}  {scores.unparsed_rate:>8.3f}  "
        lines.append(row + "  ".join(f"{scores.per_class[emotion].recall:>9.3f}" for emotion in emotions))
    lines.append(f"chance level of UA {results[0].scores.chance_ua:.3f}; right of 'unparsed': recall of each emotion")
    lines += [
        f"{result.name}: {result.scores.ignored} utterances without a reference in the label set are not scored"
        for result in results
        if result.scores.ignored
    ]
    if results[0].synthetic:
        lines.append("the speech of this corpus is synthetic (espeak-ng); these figures say nothing about human speech")
    return "\n".join(lines)
