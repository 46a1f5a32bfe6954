"""Emotion2Vec: a data2vec 2.0 audio encoder with utterance tokens, compatible with the released checkpoints."""

from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec, Emotion2VecFeatures

__all__ = ["Emotion2Vec", "Emotion2VecConfig", "Emotion2VecFeatures"]
