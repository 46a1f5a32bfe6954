"""Callbacks: the curriculum, exact seeding, example answers, and the evaluation report."""

from c2ser_lightning.callbacks.curriculum import CoTCurriculum
from c2ser_lightning.callbacks.evaluation import EvaluationReport
from c2ser_lightning.callbacks.panels import ExampleAnswers
from c2ser_lightning.callbacks.seeding import SeedEveryStep

__all__ = ["CoTCurriculum", "EvaluationReport", "ExampleAnswers", "SeedEveryStep"]
