"""SenseVoice-Small (FunAudioLLM, arXiv 2407.04051): transcript and tags of language, emotion and event in one pass."""

import re
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor

from c2ser_lightning.comparison.funasr import FunASRRecognizer, Hub
from c2ser_lightning.comparison.pretrained import check_label_set
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.text.parsing import parse_emotion

TAGS = {
    "anger": "<|ANGRY|>",
    "happiness": "<|HAPPY|>",
    "neutral": "<|NEUTRAL|>",
    "sadness": "<|SAD|>",
    "surprise": "<|SURPRISED|>",
    "disgust": "<|DISGUSTED|>",
    "fear": "<|FEARFUL|>",
}
"""SenseVoice's tag of each emotion; there is also ``<|EMO_UNKNOWN|>``."""

UNKNOWN = "<|EMO_UNKNOWN|>"
EMOTION_PLACE = 1
"""Encoder position that answers the emotion query: language, emotion, event, text normalisation come first."""

_TAG = re.compile(r"<\|([^|]*)\|>")


class SenseVoiceRecognizer(FunASRRecognizer):
    """SenseVoice's emotion tag (paper, Table VI); its transcript is kept in ``Prediction.heard``.

    FunASR adds noise to its features (dither), so that the official script gives another result in every run; here the
    noise is off.
    """

    model_class = "SenseVoiceSmall"

    def __init__(
        self,
        source: str = "iic/SenseVoiceSmall",
        hub: Hub = "ms",
        answering: Literal["tag", "score"] = "tag",
        ban_emo_unk: bool = False,
        language: Literal["auto", "zh", "en", "yue", "ja", "ko", "nospeech"] = "auto",
    ) -> None:
        """Keep the settings; weights are loaded in :meth:`configure_model`.

        Args:
            source: Name on the hub, or folder.
            hub: ``ms`` for ModelScope, ``hf`` for Hugging Face (``FunAudioLLM/SenseVoiceSmall``).
            answering: ``tag`` takes the tag that SenseVoice writes; ``<|EMO_UNKNOWN|>``, which it writes for most
                speech, and tags outside the label set are unparsed. ``score`` compares its probabilities of the label
                set's tags alone.
            ban_emo_unk: FunASR's option of that name: the tag is never ``<|EMO_UNKNOWN|>``. SenseVoice's authors ban it
                in their own evaluation (their issue 31).
            language: Language that SenseVoice is told.
        """
        super().__init__(source, hub)
        self.answering, self.ban_emo_unk, self.language = answering, ban_emo_unk, language

    def configure_model(self) -> None:
        """Load the model and take the noise out of its features. Repeated calls do nothing."""
        super().configure_model()
        self.frontend.dither = 0.0

    def recognize(self, batch: Batch, emotions: tuple[str, ...]) -> list[Prediction]:
        """Transcribe with tags, and take the emotion's."""
        if batch.size == 0:
            return []
        check_label_set(emotions, [name for name, tag in TAGS.items() if self._knows(tag)], self.source)
        seen: list[Tensor] = []
        watching = self.model.encoder.register_forward_hook(lambda *call: seen.append(call[-1][0]))
        try:
            texts = [row["text"] for row in self._transcribed(batch)]
        finally:
            watching.remove()
        if self.answering == "tag":
            return [self._tagged(record, text, emotions) for record, text in zip(batch.records, texts, strict=True)]
        rows = self._probabilities(seen[-1], emotions)
        return [
            Prediction.scored(record, dict(zip(emotions, row, strict=True)), heard=without_tags(text))
            for record, row, text in zip(batch.records, rows, texts, strict=True)
        ]

    def _transcribed(self, batch: Batch) -> list[dict[str, Any]]:
        return self.infer(batch, language=self.language, use_itn=False, ban_emo_unk=self.ban_emo_unk)

    def _tagged(self, record: UtteranceRecord, text: str, emotions: Sequence[str]) -> Prediction:
        tag = emotion_tag(text)
        return Prediction.of(record, parse_emotion(tag, emotions), answer=tag, heard=without_tags(text))

    def _probabilities(self, encoded: Tensor, emotions: Sequence[str]) -> list[list[float]]:
        """Return ``[B, K]`` probabilities of the label set, from encoder states ``[B, T, D]``."""
        columns = [self._token(TAGS[emotion]) for emotion in emotions]
        scores: Tensor = self.model.ctc.ctc_lo(encoded[:, EMOTION_PLACE])[:, columns]
        probabilities: list[list[float]] = torch.softmax(scores.float(), dim=1).tolist()
        return probabilities

    def _token(self, tag: str) -> int:
        return int(self.tokenizer.sp.PieceToId(tag))

    def _knows(self, tag: str) -> bool:
        return self._token(tag) != int(self.tokenizer.sp.unk_id())


def emotion_tag(text: str) -> str:
    """Return the first tag that speaks of emotion, or nothing."""
    known = {*TAGS.values(), UNKNOWN}
    return next((match.group() for match in _TAG.finditer(text) if match.group() in known), "")


def without_tags(text: str) -> str:
    """Return the transcript alone."""
    return _TAG.sub("", text).strip()
