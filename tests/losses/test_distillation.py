import pytest
import torch

from c2ser_lightning.losses.distillation import frame_loss, spread, utterance_loss


def test_frame_loss_sums_channels_and_averages_frames():
    predictions, targets = torch.randn(3, 5, 16), torch.randn(3, 5, 16)
    naive = 0.0
    for row in range(3):
        for frame in range(5):
            naive += sum(float(predictions[row, frame, c] - targets[row, frame, c]) ** 2 for c in range(16)) / 16**0.5
    assert float(frame_loss(predictions, targets)) == pytest.approx(naive / 15, rel=1e-5)


def test_utterance_loss_compares_means_over_tokens_and_over_valid_time():
    tokens, targets = torch.randn(4, 10, 8), torch.randn(2, 6, 8)
    padding = torch.tensor([[False] * 6, [False] * 4 + [True] * 2])
    targets[1, 4:] = 1e6  # padding must not count
    naive = 0.0
    for row in range(4):
        utterance = row // 2
        summary = targets[utterance][~padding[utterance]].mean(0)
        naive += float((tokens[row].mean(0) - summary).square().sum()) / 8**0.5
    assert float(utterance_loss(tokens, targets, padding, clones=2)) == pytest.approx(naive / 4, rel=1e-5)
    torch.testing.assert_close(
        utterance_loss(tokens, targets[:, :4], None, 2),
        utterance_loss(tokens, targets[:, :4], padding[:, :0].new_zeros(2, 4), 2),
    )


def test_the_last_token_alone_may_predict_the_utterance():
    tokens, targets = torch.randn(2, 10, 8), torch.randn(2, 6, 8)
    expected = (tokens[:, 9] - targets.mean(1)).square().sum(1).mean() / 8**0.5
    torch.testing.assert_close(utterance_loss(tokens, targets, None, clones=1, form="last"), expected)


def test_spread_is_zero_for_a_constant_and_one_for_noise():
    assert float(spread(torch.ones(4, 9, 8))) < 1e-2
    assert float(spread(torch.randn(50, 90, 8))) == pytest.approx(1.0, abs=0.05)
