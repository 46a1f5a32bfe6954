"""What all comparison systems share: ready weights, nothing to train, and a limit on what they can hear at once."""

from collections.abc import Sequence
from typing import Any

import lightning.pytorch as pl
import numpy as np
from numpy.typing import NDArray
from transformers import PreTrainedTokenizerBase

from c2ser_lightning.data.audio import SAMPLE_RATE
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.data.datamodule import EmotionDataModule
from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.modules.recognizer import Recognizer


class ComparisonError(BackboneError):
    """A comparison system cannot be built, or cannot answer these data; the message names the key to change."""


class PretrainedRecognizer(Recognizer):
    """A system that comes with its weights and is only tested.

    Attributes:
        longest_seconds: Longest clip it hears whole; longer ones are refused, never cut. ``None`` for no limit.
    """

    longest_seconds: float | None = None

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Refuse a checkpoint: there is nothing in this system that one of ours could hold.

        Raises:
            ComparisonError: Always.
        """
        raise ComparisonError(
            f"{type(self).__name__} brings its own weights and takes no checkpoint; set ckpt_path: null, as the files "
            "in configs/compare/ do"
        )

    def on_test_start(self) -> None:
        """Refuse a test set that may hold clips beyond the limit, before anything is computed."""
        self._check_filter(self.trainer)

    def on_predict_start(self) -> None:
        """Refuse data that may hold clips beyond the limit, before anything is computed."""
        self._check_filter(self.trainer)

    def _check_filter(self, trainer: pl.Trainer) -> None:
        data = getattr(trainer, "datamodule", None)
        limit = self.longest_seconds
        if limit is not None and isinstance(data, EmotionDataModule) and data.filters.max_seconds > limit:
            raise ComparisonError(
                f"{type(self).__name__} hears {limit:g} s at most and would not know of the rest, but "
                f"data.init_args.filters.max_seconds is {data.filters.max_seconds:g}; set it to {limit:g}: longer "
                "clips are then left out and named in the ledger"
            )

    def waveforms(self, batch: Batch) -> list[NDArray[np.float32]]:
        """Return the B waveforms ``[S]`` at 16 kHz on the host, without their padding.

        Raises:
            ComparisonError: A clip is longer than the system can hear.
        """
        if self.longest_seconds is not None:
            for key, samples in zip(batch.keys, batch.lengths, strict=True):
                if samples > self.longest_seconds * SAMPLE_RATE:
                    raise ComparisonError(
                        f"{key} has {samples / SAMPLE_RATE:.1f} s, but {type(self).__name__} hears "
                        f"{self.longest_seconds:g} s at most; leave such clips out with "
                        "data.init_args.filters.max_seconds"
                    )
        host = batch.waveforms.float().cpu().numpy()
        return [row[:samples] for row, samples in zip(host, batch.lengths, strict=True)]


def check_label_set(wanted: Sequence[str], known: Sequence[str], system: str) -> None:
    """Check that a system has a word for every emotion of the label set.

    Raises:
        ComparisonError: It has none for some.
    """
    missing = [emotion for emotion in wanted if emotion not in known]
    if missing:
        raise ComparisonError(
            f"{system} has no label for {', '.join(missing)}, so it could never be right about them; leave them out of "
            "data.init_args.emotions, or test another system on this set"
        )


def chat_prompt(template_owner: PreTrainedTokenizerBase | Any, conversation: list[dict[str, Any]], key: str) -> str:
    """Lay a conversation out as the model's own chat template says, up to where the answer begins.

    Raises:
        ComparisonError: There is no template.
    """
    if not getattr(template_owner, "chat_template", None):
        raise ComparisonError(f"the model in {key} has no chat template; name one that was tuned for chat (Instruct)")
    return str(template_owner.apply_chat_template(conversation, add_generation_prompt=True, tokenize=False))
