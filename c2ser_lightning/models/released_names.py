"""Where each tensor of the released C2SER weights belongs: one table, read from their names to this implementation's.

The released file is a bare state dict of the whole model: Whisper's encoder in WeNet's layout, the downsampler, the
connector's Transformer, and Qwen2 with its unmerged LoRA under PEFT's names.
"""

import re

_ATTENTION = {"linear_q": "q_proj", "linear_k": "k_proj", "linear_v": "v_proj", "linear_out": "out_proj"}
_WHISPER_LAYER = {
    **{f"self_attn.{released}": f"self_attn.{own}" for released, own in _ATTENTION.items()},
    "feed_forward.w_1": "fc1",
    "feed_forward.w_2": "fc2",
    "norm1": "self_attn_layer_norm",
    "norm2": "final_layer_norm",
}
_CONNECTOR_LAYER = {
    "self_attn.linear_q": "query",
    "self_attn.linear_k": "key",
    "self_attn.linear_v": "value",
    "self_attn.linear_out": "out",
    "feed_forward.w_1": "expand",
    "feed_forward.w_2": "contract",
    "norm1": "attention_norm",
    "norm2": "ffn_norm",
}
_MODULES = {
    "encoder.embed.conv.0": "whisper.encoder.conv1",
    "encoder.embed.conv.2": "whisper.encoder.conv2",
    "encoder.after_norm": "whisper.encoder.layer_norm",
    **{f"encoder.encoders.#.{a}": f"whisper.encoder.layers.#.{b}" for a, b in _WHISPER_LAYER.items()},
    **{f"down_sample_2.conv.{1 + 3 * i}": f"connector.downsampler.convolutions.{i}" for i in range(3)},
    "speech_transformer.embed.out.0": "connector.input",
    "speech_transformer.embed.out.1": "connector.input_norm",
    "speech_transformer.after_norm": "connector.output_norm",
    **{f"speech_transformer.encoders.#.{a}": f"connector.layers.#.{b}" for a, b in _CONNECTOR_LAYER.items()},
    "speech_llama_proj": "connector.output",
}
"""Released module to own module; ``#`` stands for the layer number."""

POSITIONS = "encoder.embed.pos_enc.pe"
"""Whisper's position table, with one leading dimension more than here."""
MARKS = "speech_token_emded.weight"
"""Embeddings of speech tokens; the last two are the begin and end marks around the speech (the name is as released)."""
ADAPTED_MODEL = "llama_model."
_TENSORS = {POSITIONS: "whisper.encoder.embed_positions.weight", MARKS: "speech_marks"}

LORA_LAYER = re.compile(r"\.layers\.\d+\.\w+\.(\w+)\.lora_A\.default\.weight$")
"""Finds the adapted projection's name in a released key."""


def own_name(released: str) -> str | None:
    """Return the name in :class:`~c2ser_lightning.models.c2ser.C2SER` of a released tensor, or ``None`` without a use.

    Left over in the file are parts of other systems (``ln_speech``, ``speaker_head``), second names of the language
    model's embeddings, and the connector's position table, which is computed.
    """
    if released in _TENSORS:
        return _TENSORS[released]
    if released.startswith(ADAPTED_MODEL):
        return f"language_model.causal.{released.removeprefix(ADAPTED_MODEL)}"
    module, _, part = released.rpartition(".")
    number = re.search(r"\.encoders\.(\d+)\.", released)
    template = module if number is None else module.replace(f".encoders.{number[1]}.", ".encoders.#.")
    if template not in _MODULES or part not in ("weight", "bias"):
        return None
    own = _MODULES[template] if number is None else _MODULES[template].replace("#", number[1])
    return f"{own}.{part}"


def released_name(own: str) -> str:
    """Return the released name of one of this implementation's tensors, for messages."""
    if own.startswith("language_model.causal."):
        return ADAPTED_MODEL + own.removeprefix("language_model.causal.")
    whole = {name: key for key, name in _TENSORS.items()}
    if own in whole:
        return whole[own]
    module, _, part = own.rpartition(".")
    number = re.search(r"\.layers\.(\d+)\.", own)
    template = module if number is None else module.replace(f".layers.{number[1]}.", ".layers.#.")
    released = {name: key for key, name in _MODULES.items()}.get(template, module)
    return f"{released.replace('#', number[1]) if number else released}.{part}"
