"""What is wrong with a sound that decodes: clipped, silent, or the same as another."""

import hashlib
import io
from dataclasses import dataclass

import numpy as np
import soundfile
from numpy.typing import NDArray

from c2ser_lightning.data.audio import SAMPLE_RATE

Samples = NDArray[np.int16]

FULL_SCALE = 32768

FLAT_SAMPLES = 3
"""Adjacent samples at exactly the highest (or lowest) value that make a flat top; speech's own peaks are sharper."""

FLAT_TOPS = 5
"""Flat tops that make an utterance clipped."""

CLIPPED_PEAK = 0.1
"""Share of full scale (-20 dBFS) below which flat tops are quantisation, not clipping."""

SILENT_PEAK = 10 ** (-50 / 20)
"""Peak, as a share of full scale (-50 dBFS), below which a sound is silent."""

FRAME_SECONDS = 0.02
SOUNDING_DB = 40.0
SOUNDING_SHARE = 0.1
"""A sound is nearly silent when fewer of its frames are within 40 dB of the loudest."""


class SoundError(ValueError):
    """The member is no sound that can be decoded whole."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A decoded member: samples ``[S]`` of the averaged channels, and what the file says of itself."""

    samples: Samples
    rate: int
    channels: int

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / self.rate

    @property
    def as_written(self) -> bool:
        """Whether it is 16 kHz mono, as the tools write it."""
        return self.rate == SAMPLE_RATE and self.channels == 1

    def fingerprint(self) -> int:
        """Return 64 bits that are the same for the same samples, however they were encoded."""
        return int.from_bytes(hashlib.blake2b(self.samples.tobytes(), digest_size=8).digest(), "big")


def decode(data: bytes) -> Sound:
    """Decode FLAC, WAV or another format of libsndfile.

    Raises:
        SoundError: It cannot be decoded, holds nothing, or is cut off.
    """
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            announced, rate = file.frames, file.samplerate
            samples = file.read(dtype="int16", always_2d=True)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise SoundError(f"cannot be decoded: {getattr(error, 'error_string', error)}") from error
    if not len(samples):
        raise SoundError("holds no samples")
    if len(samples) < announced:
        raise SoundError(f"holds {len(samples)} of the {announced} samples that its header announces")
    mono = samples[:, 0] if samples.shape[1] == 1 else samples.mean(axis=1).astype(np.int16)
    return Sound(mono, rate, samples.shape[1])


def flat_tops(samples: Samples) -> int:
    """Count the runs of three and more adjacent samples at the sound's own highest or lowest value.

    The own peak, not full scale, since a clipped recording may have been made softer afterwards.
    """
    return _runs(samples, int(samples.max())) + _runs(samples, int(samples.min()))


def _runs(samples: Samples, value: int) -> int:
    if abs(value) < CLIPPED_PEAK * FULL_SCALE:
        return 0
    places = np.flatnonzero(samples == value)
    lengths = np.diff(np.flatnonzero(np.diff(places, prepend=-2, append=len(samples) + 1) != 1))
    return int((lengths >= FLAT_SAMPLES).sum())


def clipping(sound: Sound) -> str:
    """Return in words how a sound is clipped, or nothing."""
    count = flat_tops(sound.samples)
    if count < FLAT_TOPS:
        return ""
    peak = 20 * np.log10(np.abs(sound.samples.astype(np.int32)).max() / FULL_SCALE)
    return f"{count} flat tops at {peak:.1f} dBFS"


def silence(sound: Sound) -> str:
    """Return in words how a sound is silent, or nothing."""
    peak = np.abs(sound.samples.astype(np.int32)).max() / FULL_SCALE
    if peak < SILENT_PEAK:
        return "no sound at all" if peak == 0 else f"peak {20 * np.log10(peak):.0f} dBFS"
    share = sounding_share(sound)
    if share < SOUNDING_SHARE:
        return f"{share:.0%} of {sound.seconds:.1f} s sounds, the rest is {SOUNDING_DB:.0f} dB softer"
    return ""


def sounding_share(sound: Sound) -> float:
    """Return the share of 20 ms frames whose level is within 40 dB of the loudest frame's."""
    size = max(1, round(FRAME_SECONDS * sound.rate))
    whole = len(sound.samples) // size * size
    if not whole:
        return 1.0
    power = (sound.samples[:whole].reshape(-1, size).astype(np.float64) ** 2).mean(axis=1)
    return float((power >= power.max() / 10 ** (SOUNDING_DB / 10)).mean()) if power.max() else 0.0
