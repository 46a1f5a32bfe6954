"""Read released checkpoints: fairseq's wrapping, its key names, and the sizes that its tensors reveal."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from c2ser_lightning.models.emotion2vec.config import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.encoder import Emotion2Vec

_AUDIO = r"modality_encoders\.AUDIO\."
_PARTS = r"(weight|bias)$"
_RULES: tuple[tuple[str, str], ...] = (
    (_AUDIO + r"extra_tokens$", "context.extra_tokens"),
    (_AUDIO + r"alibi_scale$", "context.alibi.scale"),
    (_AUDIO + r"local_encoder\.conv_layers\.(\d+)\.0\." + _PARTS, r"local.convolutions.\1.\2"),
    (_AUDIO + r"local_encoder\.conv_layers\.(\d+)\.2\.1\." + _PARTS, r"local.norms.\1.\2"),
    (_AUDIO + r"project_features\.1\." + _PARTS, r"local.projection_norm.\1"),
    (_AUDIO + r"project_features\.2\." + _PARTS, r"local.projection.\1"),
    (_AUDIO + r"relative_positional_encoder\.(\d+)\.0\." + _PARTS, r"context.positions.convolutions.<\1>.\2"),
    (_AUDIO + r"context_encoder\.norm\." + _PARTS, r"context.prenet_norm.\1"),
    (_AUDIO + r"context_encoder\.blocks\.", "context.prenet."),
    (_AUDIO + r"decoder\.blocks\.(\d+)\.0\." + _PARTS, r"decoder.convolutions.\1.\2"),
    (_AUDIO + r"decoder\.proj\." + _PARTS, r"decoder.projection.\1"),
    (r"^blocks\.", "context.blocks."),
    (r"\.attn\.qkv\.", ".qkv."),
    (r"\.attn\.proj\.", ".out."),
    (r"\.mlp\.fc1\.", ".expand."),
    (r"\.mlp\.fc2\.", ".contract."),
)


class ReleasedCheckpointError(ValueError):
    """The file is no emotion2vec checkpoint; the message says what is missing."""


@dataclass(slots=True)
class LoadReport:
    """What became of a released file's keys.

    Attributes:
        used: Released keys whose tensors were loaded.
        ignored: Released keys with no place in the encoder (classifier heads, optimizer leftovers).
        missing: Encoder keys that the file did not hold; only decoder keys may be missing.
    """

    used: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{len(self.used)} tensors used, {len(self.ignored)} ignored, {len(self.missing)} missing"


def own_name(released: str) -> str:
    """Translate a released key to this implementation's; unknown keys come back unchanged."""
    for pattern, replacement in _RULES:
        released = re.sub(pattern, replacement, released)
    # fairseq counts the positional layers from 1, behind a transposition.
    return re.sub(r"<(\d+)>", lambda match: str(int(match[1]) - 1), released)


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
    wanted = model.state_dict()
    report = LoadReport(missing=sorted(wanted.keys() - named.keys()))
    if report.missing:
        raise ReleasedCheckpointError(f"{len(report.missing)} tensors are missing, such as {report.missing[0]}")
    chosen: dict[str, Tensor] = {}
    for name, (key, value) in named.items():
        if name in wanted:
            chosen[name] = _shaped(key, value, wanted[name])
            report.used.append(key)
        else:
            report.ignored.append(key)
    model.load_state_dict(chosen)
    return model, report


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
    """Read every size from tensors under this implementation's names; strides are not stored and taken as released."""
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
        extra_tokens=weights["context.extra_tokens"].shape[1],
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

    Raises:
        ReleasedCheckpointError: The file holds no such encoder.
    """
    content: Any = torch.load(path, map_location="cpu", weights_only=True) if path.suffix != ".safetensors" else None
    content = load_file(path) if content is None else content
    model = content.get("model", content)
    # fairseq may keep a second copy of the weights, its moving average, under `_ema`.
    tensors = {key: value for key, value in model.items() if isinstance(value, Tensor) and not key.startswith("_ema")}
    return build_from_released(config, tensors)
