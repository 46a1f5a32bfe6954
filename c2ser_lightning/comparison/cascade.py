"""Whisper writes down what is said, and a text language model reads the emotion out of the words alone."""

from dataclasses import dataclass
from typing import Any, Literal

from transformers import AutoModelForCausalLM, AutoTokenizer

from c2ser_lightning.comparison.generation import Answer, answer, make_greedy
from c2ser_lightning.comparison.loading import Dtype, frozen, load
from c2ser_lightning.comparison.pretrained import ComparisonError, PretrainedRecognizer, chat_prompt
from c2ser_lightning.comparison.questions import TRANSCRIPT, TRANSCRIPT_QUESTION, as_list, reference_text, with_labels
from c2ser_lightning.comparison.transcriber import LONGEST_SECONDS, Transcriber, TranscriberSettings
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.report.predictions import Prediction
from c2ser_lightning.text.parsing import parse_emotion

_READER_KEY = "model.init_args.reader.source"


@dataclass
class ReaderSettings:
    """The text language model that reads the transcripts.

    Attributes:
        source: Hub name or folder of a chat model in Hugging Face format.
        dtype: Type of the weights.
        max_new_tokens: Longest answer.
    """

    source: str = "Qwen/Qwen2-7B-Instruct"
    dtype: Dtype = "bfloat16"
    max_new_tokens: int = 40


class CascadeRecognizer(PretrainedRecognizer):
    """Words without voice (paper, Table VI: Whisper-medium + Qwen2-7B-Instruct).

    What Whisper wrote is kept in ``Prediction.heard``.
    """

    def __init__(
        self,
        transcriber: TranscriberSettings | None = None,
        reader: ReaderSettings | None = None,
        transcripts: Literal["recognized", "reference"] = "recognized",
        question: str | list[str] = TRANSCRIPT_QUESTION,
    ) -> None:
        """Keep the settings; weights are loaded in :meth:`configure_model`.

        Args:
            transcriber: The Whisper.
            reader: The text language model.
            transcripts: ``reference`` reads the shards' transcripts instead and loads no Whisper: what the words alone
                allow, had they been recognised without an error.
            question: What is asked, in one wording or several, of which the first is used; ``{transcript}`` and
                ``{labels}`` are filled in.
        """
        super().__init__()
        self.transcriber_settings = transcriber or TranscriberSettings()
        self.reader_settings = reader or ReaderSettings()
        self.transcripts, self.question = transcripts, question
        self.longest_seconds = None if transcripts == "reference" else LONGEST_SECONDS
        self.transcriber: Transcriber | None = None
        self.reader: Any = None
        self.tokenizer: Any = None

    def configure_model(self) -> None:
        """Load both models. Repeated calls do nothing.

        Raises:
            ComparisonError: A model cannot be loaded, or the question has no place for the transcript.
        """
        if self.reader is not None:
            return
        for wording in self.wordings():
            if TRANSCRIPT not in wording:
                raise ComparisonError(f"model.init_args.question needs {TRANSCRIPT} where the words go: {wording!r}")
        if self.transcripts == "recognized":
            self.transcriber = Transcriber(self.transcriber_settings, "model.init_args.transcriber.source")
        settings = self.reader_settings
        self.tokenizer = load(AutoTokenizer, settings.source, _READER_KEY)
        self.tokenizer.padding_side = "left"
        self.reader = frozen(load(AutoModelForCausalLM, settings.source, _READER_KEY, settings.dtype))
        make_greedy(self.reader, self.tokenizer)

    def wordings(self) -> list[str]:
        """Return the configured wordings of the question."""
        return as_list(self.question)

    def ask_with(self, wording: str) -> None:
        """Ask in this wording alone."""
        self.question = wording

    def recognize(self, batch: Batch, emotions: tuple[str, ...]) -> list[Prediction]:
        """Transcribe, ask, and parse the emotion out of what is answered."""
        if batch.size == 0:
            return []
        heard = self.heard(batch)
        return [
            Prediction.of(
                record,
                parse_emotion(given.text, emotions),
                answer=given.text,
                reference=reference_text(record, "implicit"),
                tokens=given.tokens,
                heard=words if self.transcriber is not None else None,
            )
            for record, words, given in zip(batch.records, heard, self.read(heard, emotions), strict=True)
        ]

    def heard(self, batch: Batch) -> list[str]:
        """Return the words that the language model is given for each utterance."""
        if self.transcriber is None:
            return [record.transcript for record in batch.records]
        return self.transcriber.transcribe(self.waveforms(batch), [record.language for record in batch.records])

    def read(self, transcripts: list[str], emotions: tuple[str, ...]) -> list[Answer]:
        """Ask for the emotion of each transcript."""
        question = with_labels(self.wordings()[0], emotions)
        contents = [question.replace(TRANSCRIPT, words) for words in transcripts]
        prompts = [
            chat_prompt(self.tokenizer, [{"role": "user", "content": content}], _READER_KEY) for content in contents
        ]
        inputs = self.tokenizer(prompts, padding=True, add_special_tokens=False, return_tensors="pt").to(self.device)
        inputs.pop("token_type_ids", None)
        return answer(self.reader, self.tokenizer, inputs, self.reader_settings.max_new_tokens)
