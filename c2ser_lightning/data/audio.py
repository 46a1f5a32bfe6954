"""Decode audio files and bytes to 16 kHz mono float waveforms, and say in words what is wrong with those that fail."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

SAMPLE_RATE = 16_000
"""Samples per second of everything after decoding."""

Waveform = NDArray[np.float32]


class AudioError(ValueError):
    """The audio cannot be used. ``reason`` is the ledger's category."""

    def __init__(self, reason: str, detail: str) -> None:
        """Remember the category beside the message."""
        super().__init__(detail)
        self.reason = reason


def undecodable(error: Exception) -> AudioError:
    """Return what libsndfile says, without the buffer's place in memory, which is another in every run."""
    return AudioError("undecodable", f"cannot be decoded: {getattr(error, 'error_string', error)}")


def load_audio(path: Path, *, min_seconds: float = 0.1, max_seconds: float | None = None) -> Waveform:
    """Read a sound file as 16 kHz mono.

    Raises:
        AudioError: The file is missing, unreadable, too short, too long, silent or not finite.
    """
    if not path.is_file():
        raise AudioError("missing_file", f"no such file: {path}")
    return decode_audio(path.read_bytes(), min_seconds=min_seconds, max_seconds=max_seconds)


def check_waveform(waveform: NDArray[Any], *, min_seconds: float = 0.1, max_seconds: float | None = None) -> Waveform:
    """Return a waveform ``[S]`` at 16 kHz as float32.

    Raises:
        AudioError: It is no such waveform, or too short, too long, silent or not finite.
    """
    samples = np.asarray(waveform)
    if samples.ndim != 1 or not np.issubdtype(samples.dtype, np.floating):
        detail = f"is {samples.dtype} of shape {list(samples.shape)}; give one channel of floats in [-1, 1] at 16 kHz"
        raise AudioError("undecodable", detail)
    _check(samples, len(samples) / SAMPLE_RATE, min_seconds, max_seconds)
    return np.ascontiguousarray(samples, dtype=np.float32)


def decode_audio(
    data: bytes,
    *,
    min_seconds: float = 0.1,
    max_seconds: float | None = None,
    channel: int | None = None,
    span: tuple[float, float] | None = None,
) -> Waveform:
    """Decode WAV, FLAC or any format of libsndfile to 16 kHz mono; channels are averaged, other rates resampled (soxr).

    Args:
        data: The encoded file.
        min_seconds: Anything shorter is an error: no frame of any encoder fits into it.
        max_seconds: Anything longer is an error; ``None`` for no limit.
        channel: Take this channel, counted from 1, instead of the average; files with fewer channels are averaged.
        span: Take what lies between two times in seconds; the limits above are the span's.

    Returns:
        Waveform ``[S]``, float32 in [-1, 1].

    Raises:
        AudioError: Its reason is ``undecodable``, ``truncated``, ``too_short``, ``too_long``, ``not_finite`` or
            ``silent``.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            announced, rate = file.frames, file.samplerate
            samples = _mono(file.read(dtype="float32", always_2d=True), channel)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise undecodable(error) from error
    if len(samples) < announced:
        raise AudioError("truncated", f"holds {len(samples)} of the {announced} samples that its header announces")
    if span is not None:
        samples = samples[max(0, round(span[0] * rate)) : max(0, round(span[1] * rate))]
    _check(samples, len(samples) / rate, min_seconds, max_seconds)
    if rate != SAMPLE_RATE:
        samples = soxr.resample(samples, rate, SAMPLE_RATE, quality="VHQ")
    return np.ascontiguousarray(samples, dtype=np.float32)


def _mono(samples: Waveform, channel: int | None) -> Waveform:
    if channel is not None and 1 <= channel <= samples.shape[1]:
        return samples[:, channel - 1]
    return samples.mean(axis=1)  # type: ignore[no-any-return]


def encode_flac(waveform: Waveform) -> bytes:
    """Encode a 16 kHz mono waveform ``[S]`` as 16-bit FLAC; samples beyond full scale are clipped."""
    buffer = io.BytesIO()
    soundfile.write(buffer, np.clip(waveform, -1.0, 1.0), SAMPLE_RATE, format="FLAC", subtype="PCM_16")
    return buffer.getvalue()


def _check(samples: Waveform, seconds: float, min_seconds: float, max_seconds: float | None) -> None:
    if seconds < min_seconds:
        raise AudioError("too_short", f"{seconds:.3f} s is shorter than {min_seconds} s")
    if max_seconds is not None and seconds > max_seconds:
        raise AudioError("too_long", f"{seconds:.1f} s is longer than {max_seconds} s")
    if not np.isfinite(samples).all():
        raise AudioError("not_finite", "holds NaN or infinite samples")
    if np.abs(samples).max() < 1e-4:
        raise AudioError("silent", "peak is below -80 dBFS")
