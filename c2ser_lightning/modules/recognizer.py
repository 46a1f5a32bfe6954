"""What every system that can be tested has in common: it is given speech and a label set, and predicts."""

from abc import abstractmethod

import lightning.pytorch as pl

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.modules.labels import label_set
from c2ser_lightning.report.predictions import Prediction


class Recognizer(pl.LightningModule):
    """A system whose answers every metric and report can take, whoever made it.

    ``python -m c2ser_lightning test`` and ``predict`` work with any subclass: the DataModule gives label set and
    utterances, the EvaluationReport callback turns predictions into scores and a page.
    """

    @abstractmethod
    def recognize(self, batch: Batch, emotions: tuple[str, ...]) -> list[Prediction]:
        """Return a prediction for each utterance of a batch, in its order.

        Args:
            batch: B utterances, labelled or not; none for a rank whose shards are used up.
            emotions: The label set; nothing outside it may be predicted.
        """

    def test_step(self, batch: Batch, batch_idx: int) -> dict[str, list[Prediction]]:
        """Answer every utterance; the EvaluationReport callback turns the answers into metrics and a page."""
        return {"predictions": self.predict_step(batch, batch_idx)}

    def predict_step(self, batch: Batch, batch_idx: int) -> list[Prediction]:
        """Answer every utterance, labelled or not, among the label set of the data."""
        return self.recognize(batch, label_set(self))
