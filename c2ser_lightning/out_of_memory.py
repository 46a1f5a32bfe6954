"""Recognise that memory ran out, on a device or the host, and say which overlays need less of it."""

import torch

_HOST = ("can't allocate memory", "not enough memory")
ADVICE = (
    "What needs less: shorter batches (data.init_args.batch.max_seconds, with more trainer.accumulate_grad_batches), "
    "configs/memory/gradient_checkpointing.yaml, configs/memory/offload_activations.yaml, configs/backbone/nf4.yaml or "
    "int8.yaml, configs/memory/adamw8bit.yaml; docs/memory.md has what each of them takes"
)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error, or what caused it, is an allocation that failed."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError) or any(part in str(error) for part in _HOST):
        return True
    return error.__cause__ is not None and is_out_of_memory(error.__cause__)


def out_of_memory_message(error: BaseException) -> str:
    """Say what happened in one line, and what helps in another."""
    first = str(error).strip().splitlines() or ["no more memory"]
    return f"out of memory: {first[0][:300]}\n{ADVICE}"
