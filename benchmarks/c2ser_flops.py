"""Floating-point operations that a C2SER step needs: matrix products and convolutions, a multiply-add is two.

Counted is what the result needs: true lengths, logits of labels only, no recomputation, causal attention by half. A
frozen weight costs one forward product and one for the gradient of its input; a trained one costs a third.
"""

from benchmarks import flops
from benchmarks.c2ser_model import Size
from c2ser_lightning.models.connector import CausalDownsampler, ConnectorSettings
from c2ser_lightning.models.language_model import LanguageModelSettings
from c2ser_lightning.models.log_mel import LogMel
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings


def whisper(settings: WhisperSettings, samples: int) -> float:
    """Return the operations of encoding one utterance."""
    width, mel_frames, frames = settings.width, LogMel.output_length(samples), WhisperPerception.output_length(samples)
    convolutions = 2.0 * 3 * width * (mel_frames * settings.mels + frames * width)
    return convolutions + settings.layers * _encoder_layer(frames, width, settings.ffn)


def connector(settings: ConnectorSettings, width: int, frames: int, vectors: int, output: int) -> float:
    """Return the operations of one utterance's forward pass through the connector."""
    convolutions = 0.0
    for stride in (1, 2, 2):
        frames = -(-frames // stride)
        convolutions += 2.0 * frames * 3 * width**2
    positions = frames + vectors
    projections = 2.0 * positions * width * (width + output)
    return convolutions + projections + settings.layers * _encoder_layer(positions, width, settings.ffn)


def language_model(settings: LanguageModelSettings, vocabulary: int, tokens: int, labels: int) -> float:
    """Return the operations of one sequence, forward and backward, with frozen weights and LoRA."""
    width, heads = settings.width, settings.heads
    shared = width * settings.key_value_heads // heads
    frozen = 2 * width**2 + 2 * width * shared + 3 * width * settings.ffn
    adapted = _adapters(settings, shared)
    attention = 3 * 0.5 * 4.0 * tokens**2 * width
    layers = settings.layers * (tokens * (4.0 * frozen + 6.0 * adapted) + attention)
    return layers + 4.0 * labels * width * vocabulary


def step(size: Size, samples: int, around: int, labels: int) -> float:
    """Return the operations of one utterance in a training step.

    Args:
        size: Sizes of all parts.
        samples: Samples of the utterance.
        around: Text tokens and speech marks around speech and answer.
        labels: Tokens of the answer.
    """
    frames, vectors = WhisperPerception.output_length(samples), size.emotion2vec.extra_tokens
    tokens = around + CausalDownsampler.output_length(frames) + vectors + labels
    return (
        whisper(size.whisper, samples)
        + flops.features(size.emotion2vec, samples)
        + 3.0 * connector(size.connector, size.whisper.width, frames, vectors, size.language_model.width)
        + language_model(size.language_model, size.vocabulary, tokens, labels)
    )


def _encoder_layer(positions: int, width: int, ffn: int) -> float:
    return 2.0 * positions * (4 * width**2 + 2 * width * ffn) + 4.0 * positions**2 * width


def _adapters(settings: LanguageModelSettings, shared: int) -> float:
    """Count the LoRA weights of a layer."""
    if settings.lora is None:
        return 0.0
    width, ffn = settings.width, settings.ffn
    ends = {
        "q_proj": width + width,
        "k_proj": width + shared,
        "v_proj": width + shared,
        "o_proj": width + width,
        "gate_proj": width + ffn,
        "up_proj": width + ffn,
        "down_proj": ffn + width,
    }
    return float(settings.lora.rank * sum(ends[target] for target in settings.lora.targets))
