"""LightningModules: Emotion2Vec-S pretraining, the two C2SER stages, SECap to compare with, and probes."""

from c2ser_lightning.modules.cot import ExplicitCoT, ImplicitCoT
from c2ser_lightning.modules.emotion2vec_s import Emotion2VecS
from c2ser_lightning.modules.emotion_probe import EmotionProbe
from c2ser_lightning.modules.feature_probe import FeatureProbe
from c2ser_lightning.modules.frozen_probe import FrozenProbe
from c2ser_lightning.modules.recognizer import Recognizer
from c2ser_lightning.modules.secap import SECap, SECapAlignment

__all__ = [
    "Emotion2VecS",
    "EmotionProbe",
    "ExplicitCoT",
    "FeatureProbe",
    "FrozenProbe",
    "ImplicitCoT",
    "Recognizer",
    "SECap",
    "SECapAlignment",
]
