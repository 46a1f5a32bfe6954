"""What a step of the 7B stage takes, part by part: counted from sizes, with the activations of one measured layer."""

from dataclasses import dataclass
from typing import Literal

from c2ser_lightning.models.language_model import LanguageModelSettings

QWEN2_7B_LINEAR = 28 * (3584 * (3584 * 2 + 512 * 2) + 3 * 3584 * 18944)
"""Weights in the linear layers that a quantised model keeps in 4 or 8 bits."""
QWEN2_7B_REST = 2 * 152_064 * 3584
"""Embeddings and vocabulary head; norms and biases are below a thousandth."""
TRAINED = 67.1e6
"""LoRA (15.1 M) and connector (52.0 M) of the paper's setting."""
ENCODERS = 0.306e9 * 4 + 0.093e9 * 4
"""Frozen Whisper-medium encoder and Emotion2Vec-S, in float32."""
LAYERS, VOCABULARY = 28, 152_064
BITS = {"bfloat16": 16.0, "int8": 8.0, "nf4": 4.127}
"""Of a weight in a linear layer; NF4 with its doubly quantised scales (arXiv 2305.14314, section 3)."""
MOMENT_BYTES = {"adamw": 8.0, "adamw8bit": 2.0}
"""Of both moments of a trained weight."""


@dataclass(frozen=True, slots=True)
class Setting:
    """An overlay, or several at once."""

    name: str
    weights: Literal["bfloat16", "int8", "nf4"] = "bfloat16"
    checkpointing: bool = False
    offload: bool = False
    optimizer: Literal["adamw", "adamw8bit"] = "adamw"

    def language_model(self, source: str) -> LanguageModelSettings:
        """Return what the overlays set of the language model."""
        return LanguageModelSettings(
            source=source,
            quantization=None if self.weights == "bfloat16" else self.weights,
            gradient_checkpointing=self.checkpointing,
            offload_activations=self.offload,
        )


SETTINGS = (
    Setting("as it is"),
    Setting("memory/adamw8bit", optimizer="adamw8bit"),
    Setting("memory/gradient_checkpointing", checkpointing=True),
    Setting("memory/offload_activations", checkpointing=True, offload=True),
    Setting("backbone/int8", "int8"),
    Setting("backbone/nf4", "nf4"),
    Setting("backbone/int8 + memory/gradient_checkpointing", "int8", checkpointing=True),
    Setting("backbone/nf4 + memory/gradient_checkpointing", "nf4", checkpointing=True),
    Setting(
        "backbone/nf4 + memory/offload_activations + memory/adamw8bit",
        "nf4",
        checkpointing=True,
        offload=True,
        optimizer="adamw8bit",
    ),
)


@dataclass(frozen=True, slots=True)
class LayerActivations:
    """Bytes that one layer of the 7B model keeps for the backward pass, for each position.

    Attributes:
        kept: Without checkpointing.
        checkpointed: With it: the layer's input.
    """

    kept: float
    checkpointed: float


def step_gigabytes(setting: Setting, layer: LayerActivations, positions: int, labels: int) -> dict[str, float]:
    """Return the parts of a training step's memory in GB.

    Args:
        setting: Overlays.
        layer: Measured activations.
        positions: Positions of the batch in the language model, padding included.
        labels: Answer tokens among them, whose logits exist in bf16 and, with their gradient, in float32.
    """
    weights = QWEN2_7B_LINEAR * BITS[setting.weights] / 8 + QWEN2_7B_REST * 2 + ENCODERS
    if setting.checkpointing:
        inputs = 0.0 if setting.offload else LAYERS * layer.checkpointed
        activations = positions * (inputs + layer.kept)  # all inputs, and one layer computed again
    else:
        activations = positions * LAYERS * layer.kept
    parts = {
        "frozen weights": weights,
        "trained weights, gradients, moments": TRAINED * (4 + 4 + MOMENT_BYTES[setting.optimizer]),
        "activations": activations,
        "logits": labels * VOCABULARY * (2.0 + 4.0 + 4.0),
    }
    return {name: size / 1e9 for name, size in parts.items()}
