"""Pretrained models and processors of transformers, from a hub name or a folder, with errors that name the key."""

from typing import Any, Literal

import torch
from transformers import AutoConfig

from c2ser_lightning.comparison.pretrained import ComparisonError
from c2ser_lightning.models.backbone import BackboneError, resolve_folder

Dtype = Literal["float32", "bfloat16", "float16"]


def load(kind: Any, source: str, key: str, dtype: Dtype | None = None) -> Any:
    """Load with ``kind.from_pretrained``.

    Args:
        kind: A model, tokenizer or processor class of transformers.
        source: Folder in Hugging Face format, or a hub name.
        key: Setting that names the source, for errors.
        dtype: Type of a model's weights.

    Raises:
        ComparisonError: There is no such model, or it is of another kind.
    """
    options = {} if dtype is None else {"dtype": getattr(torch, dtype)}
    try:
        folder = resolve_folder(source)
        _check_kind(kind, AutoConfig.from_pretrained(folder).model_type)
        return kind.from_pretrained(folder, **options)
    except BackboneError as error:
        raise ComparisonError(f"{key}: {error}") from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        detail = str(error).strip().split("\n")[0][:300]
        raise ComparisonError(
            f"{key}: {source} cannot be read as {kind.__name__} ({type(error).__name__}: {detail})"
        ) from error


def _check_kind(kind: Any, found: str) -> None:
    """Refuse another architecture, which transformers would build with random weights of the default size."""
    wanted = getattr(getattr(kind, "config_class", None), "model_type", found)
    if found != wanted:
        raise ValueError(f"its config.json says model_type {found!r}, not {wanted!r}")


def frozen(model: Any) -> Any:
    """Return a model that is only asked."""
    return model.eval().requires_grad_(False)
