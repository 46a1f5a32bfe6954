"""SECap's speech-caption contrast: speech near its own caption, less near its emotion's, away from others'."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass
class CaptionContrastConfig:
    """Weights of the three kinds of pairs (SECap, equation 5). Their values are ours: we could not read the paper's.

    Attributes:
        own: Weight of an utterance and its own caption.
        same: Weight of an utterance and captions of others of its emotion.
        other: Weight of an utterance and captions of other emotions.
        margin: Cosine similarity up to which captions of other emotions cost nothing.
    """

    own: float = 1.0
    same: float = 0.5
    other: float = 1.0
    margin: float = 0.2


def caption_contrast(speech: Tensor, captions: Tensor, classes: Tensor, config: CaptionContrastConfig) -> Tensor:
    """Return the weighted sum of three means over pairs of an utterance i and a caption j, s their cosine similarity.

    ::

        own    1 - s_ii
        same   1 - s_ij                  i != j, same emotion
        other  max(0, s_ij - margin)     other emotion

    Args:
        speech: ``[N, D]``, of any length.
        captions: ``[N, D]``, of any length; row i belongs to utterance i.
        classes: ``[N]`` emotions; -1 for unlabelled utterances, which are only compared with their own captions.
        config: Weights and margin.

    Returns:
        A scalar; a kind without a pair adds nothing.
    """
    with torch.autocast(speech.device.type, enabled=False):
        similarities = F.normalize(speech.float(), dim=1) @ F.normalize(captions.float(), dim=1).T
    own = torch.eye(len(classes), dtype=torch.bool, device=classes.device)
    labelled = (classes >= 0).unsqueeze(1) & (classes >= 0).unsqueeze(0)
    alike = classes.unsqueeze(1) == classes.unsqueeze(0)
    near, far = 1.0 - similarities, (similarities - config.margin).relu()
    return (
        config.own * _mean(near, own)
        + config.same * _mean(near, labelled & alike & ~own)
        + config.other * _mean(far, labelled & ~alike)
    )


def _mean(values: Tensor, chosen: Tensor) -> Tensor:
    return torch.where(chosen, values, 0.0).sum() / chosen.sum().clamp_min(1)
