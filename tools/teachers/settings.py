"""Which teacher writes, and how it is asked."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.teachers.report import FREE, Prices

TeacherName = Literal["template", "huggingface", "endpoint"]
DEFAULT_MODEL = "THUDM/glm-4-9b-chat-hf"
"""The paper's GLM-4-9B-Chat, in the format that transformers loads without foreign code."""


@dataclass(frozen=True, slots=True)
class SamplingSettings:
    """How a model chooses its words.

    Attributes:
        temperature: 0 takes the likeliest token each time.
        top_p: Sample among the likeliest tokens that together have this probability.
        max_tokens: Longest answer; an answer that is cut off is rejected.
        seed: Together with the request it decides what is sampled.
    """

    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 400
    seed: int = 0


@dataclass(frozen=True, slots=True)
class HuggingFaceSettings:
    """How a local model runs.

    Attributes:
        batch_size: Requests answered together.
        device: ``cpu``, ``cuda``, ``cuda:1``; empty for a GPU when there is one.
        dtype: Type of the weights; ``auto`` as they are stored.
    """

    batch_size: int = 16
    device: str = ""
    dtype: Literal["auto", "bfloat16", "float16", "float32"] = "auto"


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """How an endpoint is reached.

    Attributes:
        url: Base address, up to ``/v1``.
        key_variable: Environment variable that holds the key; the key itself stands in no option and no file.
        concurrency: Requests in flight.
        tries: How often one request is sent at most.
        timeout: Seconds to wait for an answer.
        first_delay: Seconds before the first repetition; each further one waits twice as long.
        longest_delay: No repetition waits longer, unless the server asks for it.
        extra: JSON object that is merged into each request's body; ``null`` takes a field out.
    """

    url: str = ""
    key_variable: str = "OPENAI_API_KEY"
    concurrency: int = 32
    tries: int = 6
    timeout: float = 120.0
    first_delay: float = 1.0
    longest_delay: float = 60.0
    extra: str = ""


@dataclass(frozen=True, slots=True)
class TeacherSettings:
    """Everything about the teacher.

    Attributes:
        name: ``template``, ``huggingface`` or ``endpoint``.
        model: Hub name, folder, or the endpoint's name of the model.
        attempts: How often a text is asked for, the first time included, before the template writes it.
        language: Mandarin speech in Mandarin and all other in English (``transcript``), or all in English.
        prompts: Folder whose prompt files replace the shipped ones.
        part: Utterances whose answers are held in memory at a time.
        prices: Price of tokens.
        sampling: How words are chosen.
        huggingface: How a local model runs.
        endpoint: How an endpoint is reached.
    """

    name: TeacherName = "template"
    model: str = DEFAULT_MODEL
    attempts: int = 3
    language: Literal["transcript", "english"] = "transcript"
    prompts: Path | None = None
    part: int = 2048
    prices: Prices = FREE
    sampling: SamplingSettings = SamplingSettings()
    huggingface: HuggingFaceSettings = HuggingFaceSettings()
    endpoint: EndpointSettings = EndpointSettings()
