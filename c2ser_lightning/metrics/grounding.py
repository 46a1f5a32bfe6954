"""How well explanations are founded: counts of claims against measurements, added up over utterances and ranks."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torchmetrics import Metric

ATTRIBUTES = ("pitch", "loudness", "rate")
"""Order of the attributes in every tensor here."""

SILENT = 3
"""Level id of an attribute that an answer does not speak of, or that was not measured; 0, 1, 2 are low to high."""


@dataclass(slots=True)
class ClaimScores:
    """Claims of one attribute.

    Attributes:
        claims: Answers that claim a level of it.
        unfounded: Claims where nothing was measured, an unvoiced clip's pitch for instance; not in the rates below.
        accuracy: Share of claims that name the measured level; NaN without claims.
        opposite: Share of claims that say low for high or high for low.
        guessing: Accuracy of always claiming the level that is measured most often among these claims.
        table: ``[3][3]`` utterances by measured and claimed level, low to high.
    """

    claims: int
    unfounded: int
    accuracy: float
    opposite: float
    guessing: float
    table: list[list[int]]


@dataclass(slots=True)
class GroundingScores:
    """What explanations claim, held against the evidence.

    Attributes:
        n: Answers with text.
        explicit: Those that claim a level or quote words.
        attributes: Claims of ``pitch``, ``loudness`` and ``rate``.
        contradiction_rate: Share of explicit answers with a level that contradicts the measured one.
        quoting: Answers that state a transcript.
        wer: Word errors over reference words of those not in Mandarin: ``(S + D + I) / N``; NaN without any.
        cer: The same in Han characters for Mandarin.
        content_words: Content words of the rationales, without quotations.
        fabrication_rate: Share of them found neither in the transcript nor in the vocabulary of style and emotion.
    """

    n: int
    explicit: int
    attributes: dict[str, ClaimScores]
    contradiction_rate: float
    quoting: int
    wer: float
    cer: float
    content_words: int
    fabrication_rate: float


def claim_scores(table: Tensor) -> ClaimScores:
    """Return the scores of one attribute.

    Args:
        table: ``[4, 4]`` counts by measured and claimed level, :data:`SILENT` last on both sides.
    """
    known = table[:SILENT, :SILENT]
    founded = int(known.sum())
    return ClaimScores(
        claims=int(table[:, :SILENT].sum()),
        unfounded=int(table[SILENT, :SILENT].sum()),
        accuracy=_share(int(known.diagonal().sum()), founded),
        opposite=_share(int(known[0, 2] + known[2, 0]), founded),
        guessing=_share(int(known.sum(1).max()), founded),
        table=known.tolist(),
    )


class GroundingMetrics(Metric):
    """Whole numbers only, so ranks add up to the very figures of one process."""

    full_state_update = False
    levels: Tensor
    counts: Tensor

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        size = (len(ATTRIBUTES), SILENT + 1, SILENT + 1)
        self.add_state("levels", torch.zeros(size, dtype=torch.long), dist_reduce_fx="sum")
        self.add_state("counts", torch.zeros(10, dtype=torch.long), dist_reduce_fx="sum")

    def update(self, measured: Tensor, claimed: Tensor, edits: Tensor, content: Tensor) -> None:
        """Add a batch of answers.

        Args:
            measured: ``[B, 3]`` level ids of pitch, loudness and rate, :data:`SILENT` where not measured.
            claimed: ``[B, 3]`` the same as claimed, :data:`SILENT` where the answer says nothing.
            edits: ``[B, 4]`` word errors, reference words, 1 where a transcript is stated, 1 where it is Mandarin.
            content: ``[B, 2]`` content words, and those that are fabricated.
        """
        for place in range(len(ATTRIBUTES)):
            cells = measured[:, place] * (SILENT + 1) + claimed[:, place]
            table = torch.bincount(cells, minlength=(SILENT + 1) ** 2).view(SILENT + 1, SILENT + 1)
            self.levels[place] += table.to(self.levels.device)
        contradicted = ((measured != claimed) & (measured < SILENT) & (claimed < SILENT)).any(1)
        explicit = (claimed < SILENT).any(1) | (edits[:, 2] > 0)
        stated, mandarin = edits[:, 2] > 0, edits[:, 3] > 0
        errors = [edits[stated & rows, side].sum() for rows in (~mandarin, mandarin) for side in (0, 1)]
        heads = [torch.tensor(len(measured)), explicit.sum(), contradicted.sum(), stated.sum()]
        self.counts += torch.stack([*heads, *errors, *content.sum(0)]).to(self.counts.device)

    def compute(self) -> GroundingScores | None:
        """Return the scores, ``None`` when no answer explained anything."""
        n, explicit, contradicted, quoting, errors, words, signs, characters, content, made = self.counts.tolist()
        if not explicit:
            return None
        levels = self.levels.cpu()
        return GroundingScores(
            n=n,
            explicit=explicit,
            attributes={name: claim_scores(table) for name, table in zip(ATTRIBUTES, levels, strict=True)},
            contradiction_rate=contradicted / explicit,
            quoting=quoting,
            wer=_share(errors, words),
            cer=_share(signs, characters),
            content_words=content,
            fabrication_rate=_share(made, content),
        )


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
