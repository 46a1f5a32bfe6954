"""emotion2vec+ (Ma et al. 2024, arXiv 2312.15185; seed, base and large): a nine-class recogniser of emotion."""

from typing import Any, Literal

from c2ser_lightning.comparison.funasr import FunASRRecognizer, Hub, labels_of
from c2ser_lightning.comparison.pretrained import check_label_set
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import harmonise
from c2ser_lightning.report.predictions import Prediction


class Emotion2VecPlusRecognizer(FunASRRecognizer):
    """The official classifier on emotion2vec; it hears one clip after the other, so padding cannot matter."""

    model_class = "Emotion2vec"

    def __init__(
        self,
        source: str = "iic/emotion2vec_plus_large",
        hub: Hub = "ms",
        answering: Literal["label", "score"] = "label",
    ) -> None:
        """Keep the settings; weights are loaded in :meth:`configure_model`.

        Args:
            source: Name on the hub, or folder.
            hub: ``ms`` for ModelScope, ``hf`` for Hugging Face (``emotion2vec/emotion2vec_plus_large``).
            answering: ``label`` takes the most probable of the nine classes; ``other``, ``unknown`` and emotions
                outside the label set are unparsed. ``score`` compares the probabilities of the label set alone.
        """
        super().__init__(source, hub)
        self.answering = answering

    def recognize(self, batch: Batch, emotions: tuple[str, ...]) -> list[Prediction]:
        """Classify."""
        if batch.size == 0:
            return []
        results = self.infer(batch, granularity="utterance", extract_embedding=False)
        return [self._prediction(record, row, emotions) for record, row in zip(batch.records, results, strict=True)]

    def _prediction(self, record: UtteranceRecord, row: dict[str, Any], emotions: tuple[str, ...]) -> Prediction:
        labels, scores = labels_of(row["labels"]), row["scores"]
        named = [_emotion(label) for label in labels]
        check_label_set(emotions, [emotion for emotion in named if emotion], self.source)
        if self.answering == "label":
            best = max(range(len(scores)), key=lambda place: scores[place])
            emotion = named[best]
            return Prediction.of(record, emotion if emotion in emotions else None, answer=labels[best])
        shares = {emotion: scores[named.index(emotion)] for emotion in emotions}
        whole = sum(shares.values())  # zero when float32 has nothing left for any of them
        even = 1.0 / len(emotions)
        return Prediction.scored(record, {name: share / whole if whole else even for name, share in shares.items()})


def _emotion(label: str) -> str | None:
    """Return the emotion of a class, or ``None`` for ``other``, ``unknown`` and ``<unk>``."""
    try:
        return harmonise(label)
    except ValueError:
        return None
