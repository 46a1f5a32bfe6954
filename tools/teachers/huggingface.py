"""A teacher that runs here: any chat model in Hugging Face format, by folder or hub name."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from c2ser_lightning.models.backbone import BackboneError, identity, resolve_folder
from tools.teachers.exchange import Answer, Request, TeacherError
from tools.teachers.settings import HuggingFaceSettings, SamplingSettings


class HuggingFaceTeacher:
    """Answers in batches of similar length, padded on the left; the model is loaded at the first request."""

    def __init__(self, model: str, settings: HuggingFaceSettings, sampling: SamplingSettings) -> None:
        """Find the model's folder, which downloads it when it is a hub name.

        Raises:
            TeacherError: There is no such model.
        """
        try:
            self.folder = resolve_folder(model)
        except BackboneError as error:
            raise TeacherError(f"--teacher-model: {error}") from error
        self.name = model if not Path(model).expanduser().is_dir() else ""
        self.settings = settings
        self.sampling = sampling
        self.device = torch.device(settings.device or ("cuda" if torch.cuda.is_available() else "cpu"))
        self._loaded: tuple[Any, Any] | None = None

    @property
    def identity(self) -> str:
        """Model and sampling; a folder is named by what it holds, so moving it changes nothing."""
        settings = " ".join(f"{name}={value:g}" for name, value in asdict(self.sampling).items())
        return f"huggingface {self.name or identity(str(self.folder))} {settings}"

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield every request with its answer, batch by batch, long ones first."""
        tokenizer, _ = self._model()
        rows = [(request, self._tokens(tokenizer, request)) for request in requests]
        rows.sort(key=lambda row: -len(row[1]))
        for start in range(0, len(rows), self.settings.batch_size):
            batch = rows[start : start + self.settings.batch_size]
            yield from zip([request for request, _ in batch], self._generate(batch), strict=True)

    def close(self) -> None:
        """Free the model's memory."""
        self._loaded = None
        if self.device.type == "cuda":
            torch.cuda.empty_cache()

    def _model(self) -> tuple[Any, Any]:
        if self._loaded is None:
            from transformers import AutoModelForCausalLM, AutoTokenizer

            tokenizer = AutoTokenizer.from_pretrained(self.folder, padding_side="left")
            if not tokenizer.chat_template:
                raise TeacherError(f"{self.folder} has no chat template; a teacher has to be a chat model")
            if tokenizer.pad_token_id is None:
                tokenizer.pad_token = tokenizer.eos_token
            model = AutoModelForCausalLM.from_pretrained(self.folder, dtype=self.settings.dtype)
            self._loaded = tokenizer, torch.nn.Module.to(model, self.device).requires_grad_(False).train(False)
        return self._loaded

    @staticmethod
    def _tokens(tokenizer: Any, request: Request) -> list[int]:
        turns = [{"role": message.role, "content": message.content} for message in request.messages]
        text = tokenizer.apply_chat_template(turns, add_generation_prompt=True, tokenize=False)
        tokens: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
        return tokens

    @torch.inference_mode()
    def _generate(self, batch: Sequence[tuple[Request, list[int]]]) -> list[Answer]:
        """Answer ``[B]`` conversations of token ids."""
        tokenizer, model = self._model()
        padded = tokenizer.pad({"input_ids": [tokens for _, tokens in batch]}, padding=True, return_tensors="pt")
        out = model.generate(
            **{name: tensor.to(self.device) for name, tensor in padded.items()},
            do_sample=False,
            # A model's own generation settings may hold values for sampling, which greedy search would warn about.
            **dict.fromkeys(("temperature", "top_p", "top_k")),
            max_new_tokens=self.sampling.max_tokens,
            logits_processor=self._processors([request for request, _ in batch]),
            pad_token_id=tokenizer.pad_token_id,
        )
        new = out[:, padded["input_ids"].shape[1] :].tolist()
        ends = _end_tokens(model, tokenizer)
        return [self._answer(tokenizer, row, len(tokens), ends) for row, (_, tokens) in zip(new, batch, strict=True)]

    def _processors(self, requests: Sequence[Request]) -> list[Any]:
        if self.sampling.temperature == 0:
            return []
        from tools.teachers.sampling import SeededSampling

        seeds = [request.seed(self.sampling.seed) for request in requests]
        return [SeededSampling(self.sampling, seeds, self.device)]

    @staticmethod
    def _answer(tokenizer: Any, row: list[int], read: int, ends: set[int]) -> Answer:
        size = next((place for place, token in enumerate(row) if token in ends), None)
        words = row if size is None else row[:size]
        text = tokenizer.decode(words, skip_special_tokens=True)
        return Answer(text, "length" if size is None else "stop", read, len(words) + (size is not None))


def _end_tokens(model: Any, tokenizer: Any) -> set[int]:
    """Return every token that ends an answer."""
    configured = model.generation_config.eos_token_id
    ends = configured if isinstance(configured, list) else [configured]
    return {token for token in (*ends, tokenizer.eos_token_id) if token is not None}
