import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from c2ser_lightning.models.emotion2vec.masking import Mask, MaskConfig, draw_mask, take


@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(1, 4), st.integers(0, 1000))
def test_rows_mask_equally_many_frames_and_only_valid_ones(lengths, clones, seed):
    mask = draw_mask(lengths, max(lengths), MaskConfig(clones=clones), torch.Generator().manual_seed(seed))
    rows = torch.tensor(lengths).repeat_interleave(clones).unsqueeze(1)
    assert mask.masked.shape[0] == len(lengths) * clones
    assert mask.masked.shape[1] >= 1
    assert (mask.masked < rows).all()
    together = torch.cat([mask.kept, mask.masked], dim=1).sort(1).values
    assert torch.equal(together, torch.arange(max(lengths)).expand_as(together))


def test_restore_puts_every_frame_back():
    frames = torch.randn(2, 9, 3)
    mask = Mask.of(torch.tensor([[0, 1, 0, 0, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0, 1, 1, 0]]).bool())
    shuffled = torch.cat([take(frames, mask.kept), take(frames, mask.masked)], dim=1)
    assert torch.equal(take(shuffled, mask.restore), frames)


def test_same_generator_same_masks_and_clones_differ():
    config = MaskConfig(clones=2)
    one, two = (draw_mask([80, 80], 80, config, torch.Generator().manual_seed(5)) for _ in range(2))
    assert torch.equal(one.masked, two.masked)
    assert not torch.equal(one.masked[0], one.masked[1])


def test_masked_share_and_spans_are_those_of_the_released_settings():
    mask = draw_mask([200] * 40, 200, MaskConfig(clones=1), torch.Generator().manual_seed(0))
    share = mask.masked.shape[1] / 200
    # 20 spans of 5 among 196 starts cover 1 - (1 - 20/196)^5 = 0.416 of the frames; the fewest of 40 rows a bit less
    assert 0.33 < share < 0.42
    steps = mask.masked.diff(dim=1)
    assert float((steps == 1).float().mean()) == pytest.approx(0.8, abs=0.1)
