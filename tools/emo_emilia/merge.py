"""Keep what all reviewers agree on, so many of each emotion and language, and say what became of the rest."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from c2ser_lightning.data.ledger import Skip
from tools.emo_emilia.candidate import Candidate, drawn
from tools.emo_emilia.krippendorff import nominal_alpha
from tools.emo_emilia.quota import LANGUAGES, Quota, choose
from tools.emo_emilia.reviews import Review


@dataclass(frozen=True, slots=True)
class Merged:
    """What the reviews come to.

    Attributes:
        kept: The test set; ``emotion`` is the reviewers', not the automatic label.
        dropped: Every other candidate, with the reason: ``unsure`` (a reviewer has no answer), ``not_unanimous``, or
            ``surplus`` (unanimous, but the class is full).
        quota: Unanimous utterances per emotion and language.
        relabelled: Unanimous utterances whose automatic label was another one.
        alphas: Krippendorff's alpha of all candidates (``all``) and of each language.
        reviewers: What each reviewer did.
    """

    kept: list[Candidate]
    dropped: list[Skip]
    quota: Quota
    relabelled: int
    alphas: dict[str, float | None]
    reviewers: list["ReviewerCount"]

    def lines(self) -> list[str]:
        """Return the report for a person."""
        alphas = ", ".join(f"{name} {_figure(value)}" for name, value in self.alphas.items())
        drops = Counter(skip.reason for skip in self.dropped)
        reasons = ", ".join(f"{count} {reason}" for reason, count in drops.most_common()) or "nothing"
        return [
            "unanimous:",
            *self.quota.lines(),
            f"Krippendorff's alpha (nominal): {alphas}",
            *(reviewer.line() for reviewer in self.reviewers),
            f"{len(self.kept)} kept, dropped: {reasons}; {self.relabelled} unanimous against the automatic label",
        ]

    def summary(self) -> dict[str, object]:
        """Return the report for a JSON file."""
        return {
            "kept": len(self.kept),
            "dropped": dict(Counter(skip.reason for skip in self.dropped)),
            "unanimous": {f"{emotion} {language}": n for (emotion, language), n in self.quota.found.items()},
            "shortages": {f"{emotion} {language}": n for (emotion, language), n in self.quota.shortages.items()},
            "wanted": self.quota.wanted,
            "relabelled": self.relabelled,
            "krippendorffs_alpha": self.alphas,
            "reviewers": {one.reviewer: {"unsure": one.unsure, "alone": one.alone} for one in self.reviewers},
        }


@dataclass(frozen=True, slots=True)
class ReviewerCount:
    """One reviewer in numbers.

    Attributes:
        reviewer: Name.
        unsure: Utterances without an answer.
        alone: Utterances on which all the others agree with each other and not with this one.
    """

    reviewer: str
    unsure: int
    alone: int

    def line(self) -> str:
        """Say it in one line."""
        return f"  {self.reviewer}: unsure of {self.unsure}, alone against all others on {self.alone}"


def merge(
    candidates: Sequence[Candidate], reviews: Sequence[Review], wanted: int, seed: int, *, equal: bool = False
) -> Merged:
    """Merge reviews (paper IV-B).

    What is surplus is drawn at random, not by confidence: a test set shall not favour what a classifier found easy.

    Args:
        candidates: What was reviewed.
        reviews: All reviewers' answers to it.
        wanted: Utterances per emotion and language.
        seed: Of the draw.
        equal: Where a class falls short, cut all others to its size.
    """
    answers = {one.index: tuple(review.answers[one.index] for review in reviews) for one in candidates}
    agreed: list[Candidate] = []
    dropped: list[Skip] = []
    relabelled = 0
    for one in candidates:
        said = answers[one.index]
        emotion = said[0]
        if emotion is not None and set(said) == {emotion}:
            agreed.append(replace(one, emotion=emotion))
            relabelled += emotion != one.emotion
        else:
            dropped.append(_dropped(one, said))
    kept, surplus, quota = choose(agreed, _cell, lambda one: (0.0, drawn(seed, one.index)), wanted)
    if equal and quota.shortages:
        smallest = min(quota.found.values())
        kept, surplus, _ = choose(agreed, _cell, lambda one: (0.0, drawn(seed, one.index)), smallest)
    dropped += [Skip(one.index, "surplus", f"{one.emotion} {one.language} is full", one.file) for one in surplus]
    return Merged(kept, dropped, quota, relabelled, _alphas(candidates, answers), _counts(reviews, candidates))


def _cell(one: Candidate) -> tuple[str, str]:
    return one.emotion, one.language


def _dropped(one: Candidate, said: Sequence[str | None]) -> Skip:
    counts = Counter(answer or "unsure" for answer in said)
    detail = ", ".join(f"{count} {answer}" for answer, count in counts.most_common())
    return Skip(one.index, "unsure" if None in said else "not_unanimous", detail, one.file)


def _alphas(candidates: Sequence[Candidate], answers: dict[str, tuple[str | None, ...]]) -> dict[str, float | None]:
    units = {"all": [answers[one.index] for one in candidates]}
    for language in LANGUAGES:
        units[language] = [answers[one.index] for one in candidates if one.language == language]
    return {name: nominal_alpha(values) for name, values in units.items() if values}


def _counts(reviews: Sequence[Review], candidates: Sequence[Candidate]) -> list[ReviewerCount]:
    found = []
    for review in reviews:
        others = [other for other in reviews if other is not review]
        alone = 0
        for one in candidates:
            own, rest = review.answers[one.index], {other.answers[one.index] for other in others}
            alone += own is not None and len(rest) == 1 and None not in rest and own not in rest
        unsure = sum(answer is None for answer in review.answers.values())
        found.append(ReviewerCount(review.reviewer, unsure, alone))
    return found


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
