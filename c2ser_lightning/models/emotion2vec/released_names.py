"""Names of the released checkpoints' tensors and of this implementation's: one table, read in both directions."""

import re
from collections.abc import Iterator

_AUDIO = "modality_encoders.AUDIO."
_BLOCK_PARTS = {
    "norm1": "norm1",
    "norm2": "norm2",
    "attn.qkv": "qkv",
    "attn.proj": "out",
    "mlp.fc1": "expand",
    "mlp.fc2": "contract",
}
_MODULES = {
    _AUDIO + "local_encoder.conv_layers.#.0": "local.convolutions.#",
    _AUDIO + "local_encoder.conv_layers.#.2.1": "local.norms.#",
    _AUDIO + "project_features.1": "local.projection_norm",
    _AUDIO + "project_features.2": "local.projection",
    _AUDIO + "relative_positional_encoder.#.0": "context.positions.convolutions.#",
    _AUDIO + "context_encoder.norm": "context.prenet_norm",
    **{f"{_AUDIO}context_encoder.blocks.#.{a}": f"context.prenet.#.{b}" for a, b in _BLOCK_PARTS.items()},
    **{f"blocks.#.{a}": f"context.blocks.#.{b}" for a, b in _BLOCK_PARTS.items()},
    _AUDIO + "decoder.blocks.#.0": "decoder.convolutions.#",
    _AUDIO + "decoder.proj": "decoder.projection",
}
"""Released module to own module; ``#`` stands for the layer number."""
_TENSORS = {_AUDIO + "extra_tokens": "context.extra_tokens", _AUDIO + "alibi_scale": "context.alibi.scale"}
_COUNTED_FROM_ONE = _AUDIO + "relative_positional_encoder.#.0"
"""A transposition is layer 0 of the released positional encoder."""


def _table() -> Iterator[tuple[str, str, int]]:
    for released, own in _MODULES.items():
        offset = 1 if released == _COUNTED_FROM_ONE else 0
        for part in ("weight", "bias"):
            yield f"{released}.{part}", f"{own}.{part}", offset
    for released, own in _TENSORS.items():
        yield released, own, 0


_TO_OWN = {released: (own, -offset) for released, own, offset in _table()}
_TO_RELEASED = {own: (released, offset) for released, own, offset in _table()}


def own_name(released: str) -> str:
    """Translate a released key to this implementation's; an unknown key comes back unchanged."""
    return _translate(released, _TO_OWN)


def released_name(own: str) -> str:
    """Translate this implementation's key to the released one; an unknown key comes back unchanged."""
    return _translate(own, _TO_RELEASED)


def _translate(key: str, table: dict[str, tuple[str, int]]) -> str:
    if key in table:
        return table[key][0]
    number = re.search(r"\.(\d+)\.", key)
    template = key if number is None else f"{key[: number.start()]}.#.{key[number.end() :]}"
    if number is None or template not in table:
        return key
    other, offset = table[template]
    return other.replace("#", str(int(number[1]) + offset))
