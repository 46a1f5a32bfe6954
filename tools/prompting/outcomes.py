"""What the answers to several wordings say: scores of each, their spread, the worst case, and their ensemble."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from c2ser_lightning.metrics.functional import Interval
from c2ser_lightning.metrics.paired import PairedComparison, columns
from c2ser_lightning.report.scoring import recognition
from tools.prompting.ensemble import Answers, ensemble, unanimous

SCORES = {"wa": "WA", "ua": "UA", "macro_f1": "Macro-F1", "unparsed": "unparsed"}


@dataclass(frozen=True, slots=True)
class Scores:
    """Recognition under one wording, or of the ensemble.

    Attributes:
        wa: Accuracy.
        ua: Unweighted accuracy.
        macro_f1: Macro-F1.
        unparsed: Share of answers without a known emotion.
        ua_ci95: 95 % bootstrap interval of UA over utterances; ``None`` for a mean over sets.
        gain: UA minus that of the first wording; ``None`` for the first itself.
        gain_ci95: Its paired 95 % interval; ``None`` for a mean over sets.
    """

    wa: float
    ua: float
    macro_f1: float
    unparsed: float
    ua_ci95: Interval | None = None
    gain: float | None = None
    gain_ci95: Interval | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """One score over K wordings.

    Attributes:
        mean: Mean.
        sd: Standard deviation of a sample (K - 1); 0 for one wording.
        worst: The lowest, of unparsed answers the highest.
        worst_wording: The wording it belongs to, the earliest of several.
    """

    mean: float
    sd: float
    worst: float
    worst_wording: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """All wordings on one test set, or their means over several.

    Attributes:
        test_set: Its name.
        n: Utterances with a reference in the label set.
        wordings: Scores under each wording.
        spread: Spread of each score over wordings.
        ensemble: Scores of the wordings together.
        unanimous: Share of utterances that all wordings are answered alike.
    """

    test_set: str
    n: int
    wordings: dict[str, Scores]
    spread: dict[str, Spread]
    ensemble: Scores
    unanimous: float


def outcome(test_set: str, answers: dict[str, Answers], emotions: Sequence[str]) -> Outcome:
    """Score the answers to every wording, the first of which the others are compared with."""
    first = next(iter(answers.values()))
    scores = {text: _scores(rows, None if rows is first else first, emotions) for text, rows in answers.items()}
    together = _scores(ensemble(list(answers.values())), first, emotions)
    n = recognition(first, emotions).n
    return Outcome(test_set, n, scores, spreads(scores), together, unanimous(list(answers.values())))


def over_sets(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the means over test sets, each set counting the same; spread and worst case are those of the means."""
    texts = list(outcomes[0].wordings)
    scores = {text: _mean([one.wordings[text] for one in outcomes]) for text in texts}
    return Outcome(
        test_set="mean over sets",
        n=sum(one.n for one in outcomes),
        wordings=scores,
        spread=spreads(scores),
        ensemble=_mean([one.ensemble for one in outcomes]),
        unanimous=statistics.fmean(one.unanimous for one in outcomes),
    )


def spreads(wordings: dict[str, Scores]) -> dict[str, Spread]:
    """Return the spread of each score over wordings."""
    return {name: _spread({text: getattr(one, name) for text, one in wordings.items()}, name) for name in SCORES}


def _spread(values: dict[str, float], name: str) -> Spread:
    sign = -1 if name == "unparsed" else 1
    worst = min(values, key=lambda text: sign * values[text])
    numbers = list(values.values())
    sd = statistics.stdev(numbers) if len(numbers) > 1 else 0.0
    return Spread(statistics.fmean(numbers), sd, values[worst], worst)


def _scores(rows: Answers, first: Answers | None, emotions: Sequence[str]) -> Scores:
    found = recognition(rows, emotions)
    scores = (found.wa, found.ua, found.macro_f1, found.unparsed_rate, found.ci95["ua"])
    if first is None:
        return Scores(*scores)
    paired = PairedComparison(len(emotions))
    known = [(before, after) for before, after in zip(first, rows, strict=True) if before.emotion in emotions]
    if known:
        before, after, wanted = zip(*((one.predicted, two.predicted, one.emotion) for one, two in known), strict=True)
        paired.update(columns(before, emotions), columns(after, emotions), columns(wanted, emotions))
    compared = paired.compute()
    return Scores(*scores, compared.difference["ua"], compared.ci95["ua"])


def _mean(scores: Sequence[Scores]) -> Scores:
    gains = [one.gain for one in scores if one.gain is not None]
    return Scores(
        wa=statistics.fmean(one.wa for one in scores),
        ua=statistics.fmean(one.ua for one in scores),
        macro_f1=statistics.fmean(one.macro_f1 for one in scores),
        unparsed=statistics.fmean(one.unparsed for one in scores),
        gain=statistics.fmean(gains) if gains else None,
    )
