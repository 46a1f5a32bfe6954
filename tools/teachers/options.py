"""The teacher's command-line options, shared by the tools that have texts written."""

import argparse
from pathlib import Path

from tools.command_line import non_negative_float, positive_float, positive_int
from tools.teachers.report import Prices
from tools.teachers.settings import (
    DEFAULT_MODEL,
    EndpointSettings,
    HuggingFaceSettings,
    SamplingSettings,
    TeacherName,
    TeacherSettings,
)


def add_teacher_options(parser: argparse.ArgumentParser, default: TeacherName | None = "template") -> None:
    """Add ``--teacher`` and what belongs to it; without a default the teacher has to be named and writes alone."""
    group = parser.add_argument_group("teacher", "who writes the texts; see docs/teachers.md")
    teachers = [name for name in ("template", "huggingface", "endpoint") if default is not None or name != "template"]
    group.add_argument("--teacher", choices=teachers, default=default, required=default is None)
    group.add_argument(
        "--teacher-model", default=DEFAULT_MODEL, help=f"hub name, folder, or served name (default {DEFAULT_MODEL})"
    )
    group.add_argument("--teacher-url", default="", help="endpoint up to /v1, such as http://localhost:8000/v1")
    group.add_argument(
        "--teacher-key-variable", default="OPENAI_API_KEY", help="environment variable with the key (OPENAI_API_KEY)"
    )
    group.add_argument("--teacher-concurrency", type=positive_int, default=32, help="requests in flight (default 32)")
    group.add_argument("--teacher-timeout", type=positive_float, default=120.0, help="seconds an answer may take (120)")
    group.add_argument("--teacher-tries", type=positive_int, default=6, help="times a request is sent at most (6)")
    group.add_argument("--teacher-extra", default="", help="JSON merged into each request; null takes a field out")
    group.add_argument("--teacher-batch-size", type=positive_int, default=16, help="local model: answers at once (16)")
    group.add_argument("--teacher-device", default="", help="local model: cpu, cuda, cuda:1 (default: a GPU if any)")
    group.add_argument("--teacher-dtype", choices=["auto", "bfloat16", "float16", "float32"], default="auto")
    group.add_argument("--teacher-temperature", type=non_negative_float, default=0.0, help="0 is greedy (default)")
    group.add_argument("--teacher-top-p", type=positive_float, default=1.0)
    group.add_argument("--teacher-max-tokens", type=positive_int, default=400, help="longest answer (default 400)")
    group.add_argument("--teacher-seed", type=int, default=0)
    group.add_argument(
        "--teacher-attempts", type=positive_int, default=3, help="times a text is asked for before the fallback (3)"
    )
    group.add_argument(
        "--teacher-language",
        choices=["transcript", "english"],
        default="transcript",
        help="Mandarin speech in Mandarin and all other in English, or all in English",
    )
    group.add_argument("--teacher-prompts", type=Path, help="folder whose prompt files replace the shipped ones")
    group.add_argument("--teacher-part", type=positive_int, default=2048, help="utterances in memory at a time (2048)")
    group.add_argument("--price-prompt", type=non_negative_float, default=0.0, help="price of a million tokens read")
    group.add_argument("--price-completion", type=non_negative_float, default=0.0, help="... and of a million written")


def take_teacher_settings(options: argparse.Namespace) -> TeacherSettings:
    """Remove the teacher's options from a parsed command line and return them as settings."""
    taken = {name: value for name, value in vars(options).items() if name.startswith(("teacher", "price_"))}
    for name in taken:
        delattr(options, name)
    return TeacherSettings(
        name=taken["teacher"],
        model=taken["teacher_model"],
        attempts=taken["teacher_attempts"],
        language=taken["teacher_language"],
        prompts=taken["teacher_prompts"],
        part=taken["teacher_part"],
        prices=Prices(taken["price_prompt"], taken["price_completion"]),
        sampling=SamplingSettings(
            taken["teacher_temperature"], taken["teacher_top_p"], taken["teacher_max_tokens"], taken["teacher_seed"]
        ),
        huggingface=HuggingFaceSettings(taken["teacher_batch_size"], taken["teacher_device"], taken["teacher_dtype"]),
        endpoint=EndpointSettings(
            url=taken["teacher_url"],
            key_variable=taken["teacher_key_variable"],
            concurrency=taken["teacher_concurrency"],
            tries=taken["teacher_tries"],
            timeout=taken["teacher_timeout"],
            extra=taken["teacher_extra"],
        ),
    )
