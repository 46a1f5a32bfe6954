"""espeak-ng as a function from text and prosody to a waveform, by the library that the espeakng-loader wheel ships.

The library carries state (flutter, random phases) from one text to the next and seeds itself from the clock. With
:func:`seed` called first, the same sequence of texts sounds bit-identical in every new process.
"""

import ctypes
from dataclasses import dataclass
from functools import cache

import espeakng_loader
import numpy as np

from c2ser_lightning.data.audio import Waveform

_RETRIEVE_SYNCHRONOUSLY = 2
_UTF8 = 1
_RATE, _PITCH, _RANGE, _WORD_GAP = 1, 3, 4, 7


@dataclass(frozen=True, slots=True)
class Manner:
    """How to speak.

    Attributes:
        voice: espeak-ng voice and variant, such as ``en-us+f3``.
        rate: Words per minute, 80 to 450.
        pitch: Base pitch, 0 to 99.
        pitch_range: Pitch range, 0 to 99; 0 is a monotone.
        word_gap: Extra pause between words, in units of 10 ms.
    """

    voice: str
    rate: int
    pitch: int
    pitch_range: int
    word_gap: int


class EspeakError(RuntimeError):
    """espeak-ng refused a voice or a text."""


class _Synthesizer:
    """Owns the library, which has one global state; use :func:`speak`."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        path = espeakng_loader.get_data_path().encode()
        self.sample_rate = int(self._library.espeak_Initialize(_RETRIEVE_SYNCHRONOUSLY, 0, path, 0))
        if self.sample_rate <= 0:
            raise EspeakError("espeak-ng could not be initialised; is the espeakng-loader wheel complete?")
        self._chunks: list[Waveform] = []
        # The library keeps only a pointer: the callback must live as long as this object.
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
        self._callback = kind(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int) -> int:
        if samples and count > 0:
            self._chunks.append(np.ctypeslib.as_array(samples, (count,)).astype(np.float32) / 32768.0)
        return 0

    def seed(self, number: int) -> None:
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(number))

    def speak(self, text: str, manner: Manner) -> Waveform:
        if self._library.espeak_SetVoiceByName(manner.voice.encode()):
            raise EspeakError(f"espeak-ng has no voice {manner.voice!r}")
        settings = {_RATE: manner.rate, _PITCH: manner.pitch, _RANGE: manner.pitch_range, _WORD_GAP: manner.word_gap}
        for parameter, value in settings.items():
            self._library.espeak_SetParameter(parameter, value, 0)
        self._chunks = []
        data = text.encode()
        status = self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
        if status or not self._chunks:
            raise EspeakError(f"espeak-ng could not speak {text!r} with {manner}")
        return np.concatenate(self._chunks)


@cache
def _synthesizer() -> _Synthesizer:
    return _Synthesizer()


def seed(number: int) -> None:
    """Seed the library's random numbers; call it once, before the first text."""
    _synthesizer().seed(number)


def speak(text: str, manner: Manner) -> tuple[Waveform, int]:
    """Speak a text.

    Returns:
        Waveform ``[S]`` in [-1, 1] and its sample rate.

    Raises:
        EspeakError: The library, the voice or the text is unusable.
    """
    synthesizer = _synthesizer()
    return synthesizer.speak(text, manner), synthesizer.sample_rate
