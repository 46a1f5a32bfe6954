"""Whisper (Radford et al. 2022, arXiv 2212.04356) as a writer of transcripts, through transformers."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import WhisperForConditionalGeneration, WhisperProcessor
from transformers.models.whisper.tokenization_whisper import TO_LANGUAGE_CODE

from c2ser_lightning.comparison.loading import Dtype, frozen, load
from c2ser_lightning.comparison.pretrained import ComparisonError
from c2ser_lightning.data.audio import SAMPLE_RATE

LONGEST_SECONDS = 30.0
"""What Whisper hears in one piece."""


@dataclass
class TranscriberSettings:
    """Which Whisper writes the transcripts, and how.

    Attributes:
        source: Hub name or folder in Hugging Face format.
        language: ``auto`` lets Whisper decide for each clip, ``record`` takes each utterance's language from the
            shards, and a code such as ``zh`` is taken for all.
        dtype: Type of the weights.
    """

    source: str = "openai/whisper-medium"
    language: str = "auto"
    dtype: Dtype = "float32"


class Transcriber(nn.Module):
    """Speech in, words out; decoding is greedy, clips are padded to 30 s as in Whisper's training."""

    def __init__(self, settings: TranscriberSettings, key: str) -> None:
        """Load model and processor; ``key`` names the setting in errors.

        Raises:
            ComparisonError: There is no such model, or it cannot follow ``language``.
        """
        super().__init__()
        if settings.language not in {"auto", "record", *TO_LANGUAGE_CODE.values()}:
            raise ComparisonError(
                f"model.init_args.transcriber.language: Whisper knows no language {settings.language!r}; give auto, "
                "record, or a code such as zh"
            )
        self.settings = settings
        self.processor = load(WhisperProcessor, settings.source, key)
        self.whisper: Any = frozen(load(WhisperForConditionalGeneration, settings.source, key, settings.dtype))
        self.multilingual = bool(getattr(self.whisper.generation_config, "is_multilingual", False))
        if not self.multilingual and settings.language not in {"auto", "record", "en"}:
            raise ComparisonError(f"{key}: {settings.source} writes English only, not {settings.language!r}")

    @torch.no_grad()
    def transcribe(self, waveforms: list[NDArray[np.float32]], languages: list[str]) -> list[str]:
        """Write down what is said.

        Args:
            waveforms: The B clips ``[S]`` at 16 kHz, of at most 30 s.
            languages: ISO 639-1 codes of the B clips, for ``language: record``.

        Raises:
            ComparisonError: ``record`` meets a language that Whisper does not know.
        """
        inputs = self.processor.feature_extractor(
            waveforms, sampling_rate=SAMPLE_RATE, return_tensors="pt", return_attention_mask=True
        )
        tokens = self.whisper.generate(
            inputs.input_features.to(self.whisper.device, getattr(torch, self.settings.dtype)),
            attention_mask=inputs.attention_mask.to(self.whisper.device),
            do_sample=False,
            num_beams=1,
            **self._request(languages),
        )
        texts = self.processor.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return [text.strip() for text in texts]

    def _request(self, languages: list[str]) -> dict[str, Any]:
        """Return task and language as ``generate`` takes them; a model of English alone takes neither."""
        if not self.multilingual:
            return {}
        chosen = self.settings.language
        if chosen == "record":
            unknown = sorted(set(languages) - set(TO_LANGUAGE_CODE.values()))
            if unknown:
                raise ComparisonError(
                    f"Whisper knows no language {', '.join(map(repr, unknown))} of these shards; set "
                    "model.init_args.transcriber.language to auto or to a code"
                )
        language = {"auto": None, "record": languages}.get(chosen, chosen)
        return {"task": "transcribe", "language": language}
