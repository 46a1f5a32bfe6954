"""The probes: what each does to the speech, and how a founded explanation would answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from c2ser_lightning.text.style_words import Attribute
from tools.groundedness.sounds import gained, noise_like, pitched, silent, stretched

Kind = Literal["level", "void", "acoustic"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One change.

    Attributes:
        name: In tables and files.
        kind: ``level`` moves one attribute; ``void`` leaves no speech; ``acoustic`` swaps the acoustic vectors.
        change: From waveform ``[S]`` and a seed to the changed one.
        attribute: What a ``level`` probe moves.
        direction: +1 when a founded claim can only rise, -1 when it can only fall.
    """

    name: str
    kind: Kind
    change: Callable[[Tensor, int], Tensor] = lambda waveform, _seed: waveform
    attribute: Attribute | None = None
    direction: int = 0


PROBES = (
    Probe("pitch +4 semitones", "level", lambda wave, _: pitched(wave, 4), "pitch", 1),
    Probe("pitch -4 semitones", "level", lambda wave, _: pitched(wave, -4), "pitch", -1),
    Probe("tempo x 1.3", "level", lambda wave, _: stretched(wave, 1.3), "rate", 1),
    Probe("tempo / 1.3", "level", lambda wave, _: stretched(wave, 1 / 1.3), "rate", -1),
    Probe("gain +10 dB", "level", lambda wave, _: gained(wave, 10), "loudness", 1),
    Probe("gain -10 dB", "level", lambda wave, _: gained(wave, -10), "loudness", -1),
    Probe("acoustic vectors of another clip", "acoustic"),
    Probe("silence", "void", lambda wave, _: silent(wave)),
    Probe("noise", "void", noise_like),
)
