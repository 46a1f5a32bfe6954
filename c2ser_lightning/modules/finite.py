"""Notice a loss or weights that are no longer finite, without waiting for the device in every step."""

from collections.abc import Mapping

import torch
from torch import Tensor

WHAT_HELPS = (
    "Lower model.init_args.optimizer.learning_rate, set trainer.gradient_clip_val (1.0), prefer "
    "trainer.precision=bf16-mixed or 32-true to 16-mixed"
)


class NonFiniteError(RuntimeError):
    """Training has diverged; the message names the step, the utterances, the last good checkpoint and what helps."""


class LossWatch:
    """Looks at each step's loss one step later, when its copy to the host has long arrived."""

    def __init__(self) -> None:
        """Begin with nothing to look at."""
        self._pending: tuple[Tensor, torch.cuda.Event | None, str] | None = None

    def note(self, loss: Tensor, where: str) -> None:
        """Remember a loss, and look at the one before; on a CPU, look at once.

        Args:
            loss: Scalar.
            where: Names the step and its utterances in an error.

        Raises:
            NonFiniteError: The loss that was looked at is infinite or not a number.
        """
        self.look()
        loss = loss.detach()
        if loss.device.type == "cpu":
            self._pending = (loss, None, where)
            self.look()
            return
        host = torch.empty((), dtype=loss.dtype, pin_memory=True).copy_(loss, non_blocking=True)
        arrived = torch.cuda.Event()  # type: ignore[no-untyped-call]
        arrived.record()
        self._pending = (host, arrived, where)

    def look(self) -> None:
        """Look at the remembered loss.

        Raises:
            NonFiniteError: It is infinite or not a number.
        """
        if self._pending is None:
            return
        (loss, arrived, where), self._pending = self._pending, None
        if arrived is not None:
            arrived.synchronize()
        if not torch.isfinite(loss):
            raise NonFiniteError(f"the training loss became {float(loss)} {where}")


def refuse_non_finite(weights: Mapping[str, Tensor]) -> None:
    """Check weights that are about to be saved.

    Raises:
        NonFiniteError: Some are infinite or not numbers; nothing must be overwritten with them.
    """
    floating = {name: value for name, value in weights.items() if value.is_floating_point()}
    broken = [name for name, value in floating.items() if not torch.isfinite(value).all()]
    if broken:
        raise NonFiniteError(
            f"{len(broken)} of {len(weights)} trained tensors are no longer finite ({', '.join(broken[:3])})"
        )
