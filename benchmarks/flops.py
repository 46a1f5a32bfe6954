"""Floating-point operations of Emotion2Vec by counting: matrix products and convolutions, a multiply-add is two."""

import itertools

from c2ser_lightning.models.emotion2vec import Emotion2VecConfig

KEPT_SHARE = 0.5
"""Nominal share of frames that the student sees. Spans overlap, so it sees more: shares of peak err downwards."""


def front_end(config: Emotion2VecConfig, samples: int) -> float:
    """Return the operations of the convolutional front end and its projection."""
    total, channels = 0.0, 1
    for width, kernel, stride in config.convolutions:
        samples = (samples - kernel) // stride + 1
        total += 2.0 * samples * width * channels * kernel
        channels = width
    return total + 2.0 * samples * channels * config.embed_dim


def positions(config: Emotion2VecConfig, frames: int) -> float:
    """Return the operations of the positional convolutions."""
    kernel = max(3, config.position_width // config.position_depth)
    return 2.0 * config.position_depth * frames * config.embed_dim**2 / config.position_groups * kernel


def blocks(config: Emotion2VecConfig, tokens: float) -> float:
    """Return the operations of all Transformer blocks over a sequence of so many tokens."""
    width = config.embed_dim
    linear = (4.0 + 2.0 * config.mlp_ratio) * width**2
    attention = 2.0 * tokens * width
    return 2.0 * tokens * (linear + attention) * (config.prenet_depth + config.depth)


def decoder(config: Emotion2VecConfig, frames: int) -> float:
    """Return the operations of the convolutional decoder."""
    widths = [config.embed_dim, *[config.decoder_dim] * config.decoder_layers]
    pairs = itertools.pairwise(widths)
    weights = sum(inner * outer * config.decoder_kernel / config.decoder_groups for inner, outer in pairs)
    return 2.0 * frames * (weights + config.decoder_dim * config.embed_dim)


def features(config: Emotion2VecConfig, samples: int) -> float:
    """Return the operations of encoding one utterance."""
    frames = config.output_length(samples)
    return front_end(config, samples) + positions(config, frames) + blocks(config, frames + config.extra_tokens)


def pretraining(config: Emotion2VecConfig, samples: int, clones: int) -> float:
    """Return the operations of one utterance in a pretraining step; a backward pass costs two forward ones."""
    frames = config.output_length(samples)
    teacher = positions(config, frames) + blocks(config, frames + config.extra_tokens)
    kept = blocks(config, KEPT_SHARE * frames + config.extra_tokens)
    student = positions(config, frames) + kept + decoder(config, frames)
    return 3.0 * front_end(config, samples) + teacher + 3.0 * clones * student
