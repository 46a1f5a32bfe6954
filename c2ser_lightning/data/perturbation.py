"""Speed perturbation: the same utterance a little faster or slower in every epoch, as if by another speaker."""

from collections.abc import Sequence

import numpy as np
import soxr

from c2ser_lightning.data.audio import SAMPLE_RATE, Waveform

SLOWEST, FASTEST = 0.5, 2.0


class SpeedPerturbation:
    """Draws a speed for every utterance in every epoch and resamples to it (Ko et al. 2015, "Audio augmentation").

    Resampling changes tempo, pitch and formants together, which is what another vocal tract sounds like. A draw depends
    on seed, epoch and utterance alone, so it is the same on every rank, with any number of workers and after a resume.

    Levels of pitch and rate in an utterance's texts are those of speed 1. Emotion2Vec-S does not read the texts; stages
    1 and 2 do, and there a far speed contradicts what they are told.
    """

    def __init__(self, factors: Sequence[float], seed: int = 0) -> None:
        """Keep the speeds to draw from.

        Args:
            factors: Speeds, equally probable; above 1 is faster, shorter and higher. A speed named twice is drawn twice
                as often.
            seed: Of the draws.

        Raises:
            ValueError: There is no factor, or one is outside [0.5, 2].
        """
        bad = [factor for factor in factors if not SLOWEST <= factor <= FASTEST]
        if bad or not factors:
            raise ValueError(
                f"speeds wants factors between {SLOWEST} and {FASTEST}, such as [0.9, 1.0, 1.1]; got {list(factors)}"
            )
        self.factors, self.seed = tuple(factors), seed

    @property
    def longest(self) -> float:
        """How many times longer than recorded an utterance can become."""
        return 1.0 / min(self.factors)

    def factor(self, epoch: int, position: int) -> float:
        """Return the speed of the utterance at a position in an epoch."""
        generator = np.random.default_rng((self.seed, 3, epoch, position))
        return self.factors[int(generator.integers(len(self.factors)))]

    @staticmethod
    def apply(waveform: Waveform, factor: float) -> Waveform:
        """Return a waveform ``[S]`` at another speed, ``[round(S / factor)]`` samples at the same rate."""
        if factor == 1.0:
            return waveform
        perturbed: Waveform = soxr.resample(waveform, SAMPLE_RATE * factor, SAMPLE_RATE, quality="HQ")
        return perturbed
