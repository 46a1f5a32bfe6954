"""How many training utterances each emotion has: what weights of rare emotions and logit adjustment are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from c2ser_lightning.emotions import EMOTIONS
from c2ser_lightning.losses.imbalance import ImbalanceConfig, class_weights

CLASS_COUNTS = "class_counts"
"""Key of the counts in a checkpoint."""

UNSEEN = 0.5
"""What an emotion without a training utterance counts as in shares, whose logarithm must exist."""


@dataclass(frozen=True, slots=True)
class ClassCounts:
    """Training utterances by emotion; empty where nothing was trained yet."""

    counts: Mapping[str, int] = field(default_factory=dict)

    def weights(self, emotions: Tensor, config: ImbalanceConfig) -> Tensor | None:
        """Return the weights ``[B]`` of utterances with class ids ``[B]``; ``None`` when all weigh the same.

        An unlabelled utterance weighs 1.
        """
        if config.weighting == "none" or not self.counts:
            return None
        table = class_weights([self.counts.get(emotion, 0) for emotion in EMOTIONS], config).to(emotions.device)
        return torch.where(emotions >= 0, table[emotions.clamp_min(0)], 1.0)

    def log_shares(self, emotions: tuple[str, ...]) -> Tensor:
        """Return the log share ``[K]`` of each of K emotions among the training utterances of these K.

        Raises:
            ValueError: There are no counts.
        """
        if not self.counts:
            raise ValueError(
                "answering.logit_adjustment needs the counts of training emotions, which a checkpoint of fit holds and "
                "an exported or released file does not; test with --ckpt_path, or set it to 0"
            )
        numbers = torch.tensor([max(float(self.counts.get(emotion, 0)), UNSEEN) for emotion in emotions])
        return (numbers / numbers.sum()).log()
