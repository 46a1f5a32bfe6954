"""Noise in the shape of speech: lengths matter to a benchmark, words do not."""

import torch

from c2ser_lightning.data.audio import SAMPLE_RATE
from c2ser_lightning.data.batch import Batch, Sample, collate
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.emotions import EMOTIONS


def noise_batch(lengths: list[float], seed: int = 0) -> Batch:
    """Return a batch of labelled noise of so many seconds each."""
    generator = torch.Generator().manual_seed(seed)
    samples = []
    for number, seconds in enumerate(lengths):
        waveform = torch.randn(round(SAMPLE_RATE * seconds), generator=generator) * 0.1
        emotion = EMOTIONS[number % len(EMOTIONS)]
        record = UtteranceRecord(str(number), "bench", "s", "en", "train", emotion, "", seconds)
        samples.append(Sample(record, waveform))
    return collate(list(samples))


def mixed_lengths(count: int, seed: int = 0) -> list[float]:
    """Return lengths like those of emotional corpora: gamma-shaped, mean about 4.5 s, 1 to 15 s."""
    generator = torch.distributions.Gamma(torch.tensor(3.0), torch.tensor(1 / 1.5))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        lengths: list[float] = generator.sample((count,)).clamp(1.0, 15.0).tolist()
    return lengths
