import pytest
import torch

from c2ser_lightning.models.spec_augment import SpecAugment, SpecAugmentSettings
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings
from tests.shards import tone

TINY = {"width": 32, "layers": 1, "heads": 4, "ffn": 64}
LENGTHS = [120, 60, 10]


def runs(hidden: torch.Tensor) -> list[int]:
    """Lengths of the stretches of True in a row of flags."""
    lengths, current = [], 0
    for flag in [*hidden.tolist(), False]:
        if flag:
            current += 1
        elif current:
            lengths.append(current)
            current = 0
    return lengths


def augmented(seed: int, **settings: object) -> torch.Tensor:
    torch.manual_seed(seed)
    return SpecAugment(SpecAugmentSettings(**settings))(torch.ones(3, 120, 80), LENGTHS)


def test_stretches_lie_within_the_speech_and_within_their_limits():
    whole_rows, widest = [], 0
    for seed in range(200):
        hidden = augmented(seed, frequency_masks=0, time_masks=1) == 0
        assert (hidden.all(2) == hidden.any(2)).all()
        for row, length in zip(hidden.all(2), LENGTHS, strict=True):
            assert not row[length:].any()
            found = runs(row)
            assert len(found) <= 1
            assert sum(found) <= min(50, 0.2 * length)
            widest = max(widest, *found, 0)
            whole_rows.append(sum(found) / length)
    assert widest == 24
    assert sum(whole_rows) / len(whole_rows) == pytest.approx(0.1, abs=0.02)


def test_bands_reach_every_bin_and_never_more_than_their_width():
    seen = torch.zeros(80, dtype=torch.bool)
    for seed in range(200):
        hidden = augmented(seed, time_masks=0, frequency_masks=1)[0] == 0
        assert (hidden == hidden[0]).all()
        assert sum(runs(hidden[0])) <= 10
        seen |= hidden[0]
    assert seen.all()


def test_rows_differ_and_the_seed_decides():
    first, again, other = (augmented(seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()
    assert (first[0, :10] != first[2, :10]).any()


@pytest.mark.parametrize("trainable", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_whisper_hears_augmented_speech_in_training_only_even_frozen(trainable, padded):
    settings = WhisperSettings(
        source=None, trainable=trainable, pad_to_30s=padded, augment=SpecAugmentSettings(), **TINY
    )
    whisper = WhisperPerception(settings)
    waveform = torch.from_numpy(tone(2, 1.0)).unsqueeze(0)
    torch.manual_seed(3)
    training = [whisper.train()(waveform, [16_000])[0] for _ in range(2)]
    testing = [whisper.eval()(waveform, [16_000])[0] for _ in range(2)]
    assert (testing[0] == testing[1]).all()
    assert (training[0] != training[1]).any()
    assert whisper.train().varies
    assert whisper.eval().varies == trainable
