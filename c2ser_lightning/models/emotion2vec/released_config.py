"""Translate the ``model_conf`` that is released beside emotion2vec's weights into this implementation's settings."""

import ast
from collections.abc import Mapping
from typing import Any

_FIXED: Mapping[str, object] = {
    "layer_norm_first": False,
    "end_of_block_targets": False,
    "modalities.audio.extractor_mode": "layer_norm",
    "modalities.audio.conv_pos_pre_ln": False,
    "modalities.audio.use_alibi_encoder": True,
    "modalities.audio.learned_alibi_scale_per_layer": False,
}
"""Settings with one value in every released model; others would need another architecture."""

_PATHS: Mapping[str, str] = {
    "embed_dim": "embed_dim",
    "depth": "depth",
    "heads": "num_heads",
    "mlp_ratio": "mlp_ratio",
    "dropout": "encoder_dropout",
    "attention_dropout": "attention_dropout",
    "layerdrop": "layerdrop",
    "norm_eps": "norm_eps",
    "normalize": "normalize",
    "prenet_depth": "modalities.audio.prenet_depth",
    "extra_tokens": "modalities.audio.num_extra_tokens",
    "position_depth": "modalities.audio.conv_pos_depth",
    "position_width": "modalities.audio.conv_pos_width",
    "position_groups": "modalities.audio.conv_pos_groups",
    "decoder_dim": "modalities.audio.decoder.decoder_dim",
    "decoder_layers": "modalities.audio.decoder.decoder_layers",
    "decoder_kernel": "modalities.audio.decoder.decoder_kernel",
    "decoder_groups": "modalities.audio.decoder.decoder_groups",
}
"""Own setting to the place of the released one."""


def settings_from_model_conf(conf: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``Emotion2VecConfig``.

    Raises:
        ValueError: A setting is missing, or has a value that is not built here.
    """
    for path, expected in _FIXED.items():
        if (found := _at(conf, path)) != expected:
            raise ValueError(f"model_conf: {path} is {found!r}; only {expected!r} is supported")
    settings = {name: _at(conf, path) for name, path in _PATHS.items()}
    return {**settings, "convolutions": parse_convolutions(_at(conf, "modalities.audio.feature_encoder_spec"))}


def _at(conf: Mapping[str, Any], path: str) -> Any:
    value: Any = conf
    for part in path.split("."):
        if not isinstance(value, Mapping) or part not in value:
            raise ValueError(f"model_conf: {path} is missing")
        value = value[part]
    return value


def parse_convolutions(spec: str) -> list[tuple[int, int, int]]:
    """Parse fairseq's notation, such as ``[(512, 10, 5)] + [(512, 3, 2)] * 4``, without evaluating it as code.

    Raises:
        ValueError: The text is anything else.
    """
    try:
        return [_layer(item) for item in _items(ast.parse(spec, mode="eval").body)]
    except (SyntaxError, ValueError, TypeError) as error:
        raise ValueError(f"not a list of (channels, kernel, stride): {spec!r}") from error


def _items(node: ast.expr) -> list[Any]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _items(node.left) + _items(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _items(node.left) * int(ast.literal_eval(node.right))
    return list(ast.literal_eval(node))


def _layer(item: Any) -> tuple[int, int, int]:
    channels, kernel, stride = map(int, item)
    return channels, kernel, stride
