"""Read and write released checkpoints: fairseq's wrapping, and the sizes that the tensors reveal."""

import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.decoder import Decoder
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec
from c2ser_lightning.models.emotion2vec.released_names import own_name, released_name


class ReleasedCheckpointError(BackboneError):
    """The file is no emotion2vec checkpoint; the message says what is missing."""


@dataclass(slots=True)
class LoadReport:
    """What became of a released file's keys.

    Attributes:
        used: Released keys whose tensors were loaded.
        ignored: Released keys with no place in the encoder (classifier heads, optimizer leftovers).
        missing: Released keys that the file did not hold. Only the pretraining decoder may be missing, as a whole.
    """

    used: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{len(self.used)} tensors used, {len(self.ignored)} ignored, {len(self.missing)} missing"


def build_from_released(
    config: Emotion2VecConfig | None, state_dict: Mapping[str, Tensor]
) -> tuple[Emotion2Vec, LoadReport]:
    """Build an encoder from released weights.

    Args:
        config: Sizes and options, or ``None`` to read the sizes from the tensors.
        state_dict: Released keys and tensors, already unwrapped.

    Raises:
        ReleasedCheckpointError: A tensor of the encoder is missing or has another shape than the config says.
    """
    named = {own_name(key): (key, value) for key, value in state_dict.items()}
    if not any(name.startswith("context.blocks.") for name in named):
        raise ReleasedCheckpointError("no key of an emotion2vec encoder (blocks.0...) in this state dict")
    config = config or infer_config({name: value for name, (_, value) in named.items()})
    model = Emotion2Vec(config, with_decoder="decoder.projection.weight" in named)
    # data2vec 2.0 has no utterance tokens, and its files no tensor of them.
    empty = {name: value for name, value in model.state_dict().items() if not value.numel()}
    wanted = {name: value for name, value in model.state_dict().items() if value.numel()}
    missing = [released_name(name) for name in wanted if name not in named]
    if missing:
        raise ReleasedCheckpointError(f"{len(missing)} tensors are missing, such as {missing[0]}")
    found = {name: (key, _shaped(key, value, wanted[name])) for name, (key, value) in named.items() if name in wanted}
    model.load_state_dict({**empty, **{name: value for name, (_, value) in found.items()}})
    report = LoadReport(
        used=[key for key, _ in found.values()],
        ignored=[key for name, (key, _) in named.items() if name not in wanted],
        missing=[] if model.decoder is not None else _decoder_keys(config),
    )
    return model, report


def export_released(model: Emotion2Vec) -> dict[str, Tensor]:
    """Return the weights under the released key names and shapes, for tools that read emotion2vec checkpoints."""
    weights = {released_name(name): value for name, value in model.state_dict().items()}
    scale = released_name("context.alibi.scale")
    weights[scale] = weights[scale].view(1, 1, -1, 1, 1)
    return weights


def _decoder_keys(config: Emotion2VecConfig) -> list[str]:
    with torch.device("meta"):
        decoder = Decoder(config).state_dict()
    return [released_name(f"decoder.{name}") for name in decoder]


def _shaped(key: str, value: Tensor, wanted: Tensor) -> Tensor:
    """Flatten the released ``[1, 1, H, 1, 1]`` ALiBi scale; anything else must have the wanted shape already."""
    if value.numel() == wanted.numel() and wanted.ndim == 1:
        return value.reshape(wanted.shape)
    if value.shape != wanted.shape:
        raise ReleasedCheckpointError(
            f"{key} has shape {tuple(value.shape)}, the config asks for {tuple(wanted.shape)}"
        )
    return value


def infer_config(weights: Mapping[str, Tensor]) -> Emotion2VecConfig:
    """Read every size from tensors under this implementation's names; strides are not stored and taken as released.

    Raises:
        ReleasedCheckpointError: A tensor that tells a size is missing.
    """
    try:
        return _inferred(weights)
    except KeyError as error:
        raise ReleasedCheckpointError(f"{released_name(error.args[0])} is missing") from error


def _inferred(weights: Mapping[str, Tensor]) -> Emotion2VecConfig:
    convolutions = [
        weights[f"local.convolutions.{layer}.weight"] for layer in range(_count(weights, "local.convolutions"))
    ]
    strides = [5, *[2] * (len(convolutions) - 1)]
    width = weights["context.blocks.0.norm1.weight"].shape[0]
    position = weights["context.positions.convolutions.0.weight"]
    positions = _count(weights, "context.positions.convolutions")
    config = Emotion2VecConfig(
        convolutions=[(w.shape[0], w.shape[2], stride) for w, stride in zip(convolutions, strides, strict=True)],
        embed_dim=width,
        prenet_depth=_count(weights, "context.prenet"),
        depth=_count(weights, "context.blocks"),
        heads=weights["context.alibi.scale"].numel(),
        mlp_ratio=weights["context.blocks.0.expand.weight"].shape[0] / width,
        extra_tokens=tokens.shape[1] if (tokens := weights.get("context.extra_tokens")) is not None else 0,
        position_depth=positions,
        position_width=position.shape[2] * positions,
        position_groups=width // position.shape[1],
    )
    if "decoder.projection.weight" in weights:
        first = weights["decoder.convolutions.0.weight"]
        config.decoder_dim, config.decoder_kernel = first.shape[0], first.shape[2]
        config.decoder_groups = width // first.shape[1]
        config.decoder_layers = _count(weights, "decoder.convolutions")
    return config


def _count(weights: Mapping[str, Tensor], prefix: str) -> int:
    numbers = {match[1] for name in weights if (match := re.match(re.escape(prefix) + r"\.(\d+)\.", name))}
    return len(numbers)


def load_released_checkpoint(path: Path, config: Emotion2VecConfig | None = None) -> tuple[Emotion2Vec, LoadReport]:
    """Load a released ``.pt`` (fairseq) or ``.safetensors`` file without executing anything in it.

    Args:
        path: The file.
        config: Sizes and options, or ``None`` to read the sizes from the tensors.

    Raises:
        ReleasedCheckpointError: The file is missing or damaged, or holds no such encoder.
    """
    return build_from_content(read_checkpoint(path), path, config)


def build_from_content(
    content: Mapping[str, Any], path: Path, config: Emotion2VecConfig | None = None
) -> tuple[Emotion2Vec, LoadReport]:
    """Build an encoder from what :func:`read_checkpoint` returned; ``path`` is for messages."""
    weights = content.get("model", content)
    # fairseq may keep a second copy of the weights, its moving average, under `_ema`.
    tensors = {key: value for key, value in weights.items() if isinstance(value, Tensor) and not _is_average(key)}
    try:
        model, report = build_from_released(config, tensors)
    except ReleasedCheckpointError as error:
        raise ReleasedCheckpointError(f"{path}: {error}") from error
    report.ignored += [key for key in weights if key not in tensors]
    return model, report


def _is_average(key: str) -> bool:
    return key == "_ema" or key.startswith("_ema.")


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a ``.pt``, ``.ckpt`` or ``.safetensors`` file into memory; only tensors and plain values are accepted.

    Raises:
        ReleasedCheckpointError: The file is missing, damaged, or holds something else.
    """
    if not path.is_file():
        raise ReleasedCheckpointError(f"no such checkpoint: {path}")
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        content = torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, pickle.UnpicklingError, SafetensorError, EOFError, OSError) as error:
        raise ReleasedCheckpointError(f"{path} cannot be read as tensors only: {error}") from error
    if not isinstance(content, dict):
        raise ReleasedCheckpointError(f"{path} holds a {type(content).__name__} instead of named tensors")
    return content
