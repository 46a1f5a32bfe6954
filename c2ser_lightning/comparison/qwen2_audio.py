"""Qwen2-Audio (Chu et al. 2024, arXiv 2407.10759), asked plainly or with C2SER's own questions."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor
from transformers import Qwen2AudioForConditionalGeneration, Qwen2AudioProcessor

from c2ser_lightning.comparison.generation import Answer, answer, make_greedy
from c2ser_lightning.comparison.loading import Dtype, frozen, load
from c2ser_lightning.comparison.pretrained import PretrainedRecognizer, chat_prompt
from c2ser_lightning.comparison.questions import Questions, Style, reference_text
from c2ser_lightning.data.audio import SAMPLE_RATE
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.text.parsing import parse_emotion

_SOURCE_KEY = "model.init_args.source"


class Qwen2AudioRecognizer(PretrainedRecognizer):
    """An audio language model that nobody trained for these answers (paper, Tables VI and VII).

    Its audio tower was trained on clips padded to 30 s and is given them so; beyond 30 s its processor would cut
    without a word, so longer clips are refused. Prompts are padded on the left and masked, and decoding is greedy, so
    that an utterance gets the same answer in any batch.
    """

    longest_seconds = 30.0

    def __init__(
        self,
        source: str = "Qwen/Qwen2-Audio-7B-Instruct",
        style: Style = "zero_shot",
        questions: Questions | None = None,
        max_new_tokens: int = 200,
        dtype: Dtype = "bfloat16",
    ) -> None:
        """Keep the settings; weights are loaded in :meth:`configure_model`.

        Args:
            source: Hub name or folder in Hugging Face format.
            style: Which question is asked.
            questions: Wordings of the questions.
            max_new_tokens: Longest answer.
            dtype: Type of the weights.
        """
        super().__init__()
        self.source, self.style, self.questions = source, style, questions or Questions()
        self.max_new_tokens, self.dtype_name = max_new_tokens, dtype
        self.model: Any = None
        self.processor: Any = None

    def configure_model(self) -> None:
        """Load model and processor. Repeated calls do nothing."""
        if self.model is not None:
            return
        self.processor = load(Qwen2AudioProcessor, self.source, _SOURCE_KEY)
        self.processor.tokenizer.padding_side = "left"
        self.model = frozen(load(Qwen2AudioForConditionalGeneration, self.source, _SOURCE_KEY, self.dtype_name))
        make_greedy(self.model, self.processor.tokenizer)

    def wordings(self) -> list[str]:
        """Return the configured wordings of the question."""
        return self.questions.wordings(self.style)

    def ask_with(self, wording: str) -> None:
        """Ask in this wording alone."""
        self.questions = replace(self.questions, **{self.style: wording})

    def recognize(self, batch: Batch, emotions: tuple[str, ...]) -> list[Prediction]:
        """Ask the question and parse the emotion out of what is answered."""
        return [
            Prediction.of(
                record,
                parse_emotion(given.text, emotions),
                answer=given.text,
                reference=reference_text(record, self.style),
                tokens=given.tokens,
            )
            for record, given in zip(batch.records, self.answers(batch, emotions), strict=True)
        ]

    def answers(self, batch: Batch, emotions: tuple[str, ...]) -> list[Answer]:
        """Generate an answer for each utterance."""
        if batch.size == 0:
            return []
        inputs = self.inputs(batch, self.questions.wording(self.style, emotions))
        return answer(self.model, self.processor.tokenizer, inputs, self.max_new_tokens)

    def inputs(self, batch: Batch, question: str) -> dict[str, Tensor]:
        """Return what the model takes: left-padded ``input_ids`` ``[B, L]``, features ``[B, M, 3000]``, both masks."""
        turn = [{"type": "audio", "audio_url": "speech"}, {"type": "text", "text": question}]
        prompt = chat_prompt(self.processor, [{"role": "user", "content": turn}], _SOURCE_KEY)
        inputs = self.processor(
            text=[prompt] * batch.size,
            audio=self.waveforms(batch),
            sampling_rate=SAMPLE_RATE,
            padding=True,
            return_tensors="pt",
        )
        tensors = {name: value.to(self.device) for name, value in inputs.items() if isinstance(value, Tensor)}
        tensors["input_features"] = tensors["input_features"].to(getattr(torch, self.dtype_name))
        return tensors
