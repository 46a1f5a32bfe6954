"""Frames of a clip for PENN, without those that cannot be voiced."""

import torch
from torch import Tensor

RATE = 8_000
"""Samples per second that PENN works at."""

WINDOW = 1024
"""Samples of a frame: 128 ms."""

BELOW_LOUDEST_DB = 35.0
"""A frame whose level below 1 kHz lies further than this below the clip's loudest is skipped: silence, breath and most
fricatives. Of the voiced frames of acted speech this loses 0.3 %."""

SILENCE = 1e-9
"""Mean power per sample below which a frame is digital silence (-90 dBFS)."""

_GRID = 80
_CORE = 512
_LOWEST_BIN, _HIGHEST_BIN = round(50 * _CORE / RATE), round(1000 * _CORE / RATE)


def centred_frames(audio: Tensor, hop: int) -> Tensor:
    """Cut frames whose centres lie on PENN's 10 ms grid: 5 ms, 15 ms, 25 ms, ... from the start.

    At a hop of 10 ms these are the frames of ``penn.from_audio`` with ``pad``; at 20 ms they are every second of them.

    Args:
        audio: ``[S]`` at 8 kHz.
        hop: Samples between frames.

    Returns:
        ``[F, 1024]``, a view; a clip shorter than a hop has one frame.
    """
    first = _GRID // 2 + hop // (2 * _GRID) * _GRID
    count = max(-(-(len(audio) - first) // hop), 1)
    padded = torch.nn.functional.pad(audio, (WINDOW // 2, WINDOW // 2 + first))
    return padded[first:].unfold(0, WINDOW, hop)[:count]


def may_be_voiced(frames: Tensor) -> Tensor:
    """Say which frames ``[F, 1024]`` of one clip have energy where voices have theirs, 50 Hz to 1 kHz.

    Only the middle 64 ms of a frame count, so that a frame beside speech is not taken for speech.

    Returns:
        Booleans ``[F]``.
    """
    core = frames[:, (WINDOW - _CORE) // 2 : (WINDOW + _CORE) // 2]
    spectrum = torch.fft.rfft(core)[:, _LOWEST_BIN : _HIGHEST_BIN + 1]
    # Parseval for a real signal: each inner bin stands for two.
    power = 2 * torch.view_as_real(spectrum).square().sum(dim=(1, 2)) / _CORE**2
    return (power > SILENCE) & (power >= power.max() * 10 ** (-BELOW_LOUDEST_DB / 10))
