"""Emotions of one's own recordings: a trained run as a Python object."""

from c2ser_lightning.inference.recognizer import EmotionRecognizer, Recognition

__all__ = ["EmotionRecognizer", "Recognition"]
