"""A loss or weights that are not finite stop a run, and never reach a checkpoint."""

import lightning.pytorch as pl
import pytest
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import Tensor, nn
from torch.utils.data import DataLoader

from c2ser_lightning.modules.checkpointing import TrainedWeightsModule
from c2ser_lightning.modules.finite import LossWatch, NonFiniteError, refuse_non_finite


class Diverging(TrainedWeightsModule):
    """One weight; its loss is not a number from a given step on."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.weight, self.at = nn.Parameter(torch.ones(3)), at

    def training_step(self, batch: Tensor, batch_idx: int) -> Tensor:
        loss = (self.weight * batch.mean()).sum()
        return loss * torch.nan if batch_idx >= self.at else loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.1)


def fit(module: pl.LightningModule, folder, **options) -> pl.Trainer:
    every_step = ModelCheckpoint(folder, every_n_train_steps=1, save_last=True, filename="best")
    trainer = pl.Trainer(
        accelerator="cpu", max_epochs=1, logger=False, enable_progress_bar=False, callbacks=[every_step], **options
    )
    trainer.fit(module, DataLoader(torch.ones(8, 1), batch_size=1))
    return trainer


def test_a_step_that_is_not_finite_stops_the_run_and_spares_the_last_checkpoint(tmp_path):
    with pytest.raises(
        NonFiniteError, match=r"no longer finite.*go on from it with --ckpt_path .*last\.ckpt.*learning"
    ):
        fit(Diverging(at=3), tmp_path)
    for name in ("last.ckpt", "best.ckpt"):
        kept = torch.load(tmp_path / name, weights_only=True)
        assert kept["global_step"] == 3
        assert kept["state_dict"]["weight"].isfinite().all()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best.ckpt", "last.ckpt"]


def test_a_loss_is_noticed_before_its_gradients_are_used(tmp_path):
    """With gradients accumulated over four batches, the second's loss ends the run before an optimizer step."""
    module = Diverging(at=1)
    with pytest.raises(NonFiniteError, match=r"the training loss became nan at step 0 \(epoch 0"):
        fit(module, tmp_path, accumulate_grad_batches=4)
    assert torch.equal(module.weight.detach(), torch.ones(3))


def test_a_finite_run_is_left_alone(tmp_path):
    assert fit(Diverging(at=99), tmp_path).global_step == 8


def test_losses_are_looked_at_once():
    watch = LossWatch()
    watch.note(torch.tensor(1.0), "here")
    with pytest.raises(NonFiniteError, match="became inf there"):
        watch.note(torch.tensor(torch.inf), "there")
    watch.look()


def test_only_floating_weights_are_checked_and_broken_ones_named():
    refuse_non_finite({"a": torch.ones(2), "counter": torch.tensor(3)})
    with pytest.raises(NonFiniteError, match=r"1 of 2 trained tensors are no longer finite \(b\)"):
        refuse_non_finite({"a": torch.ones(2), "b": torch.tensor([1.0, torch.nan])})
