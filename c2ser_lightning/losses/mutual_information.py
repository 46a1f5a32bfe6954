"""An upper bound of the mutual information of two vectors, to be made small: vCLUB (Cheng et al. 2020, section 3.2)."""

import torch
from torch import Tensor, nn
from torch.func import functional_call


class VCLUB(nn.Module):
    """Says what x tells of y, through a Gaussian q(y | x) that is learned on the side.

    With N pairs::

        bound      = 1/N sum_i log q(y_i | x_i) - 1/N^2 sum_ij log q(y_j | x_i)
        estimation = -1/N sum_i log q(y_i | x_i)

    The two are meant to be added up: the bound reaches the vectors but not q, estimation reaches q but not the vectors,
    so that one optimizer serves both. The bound holds as far as q fits; a poor q can make it negative. As in the
    authors' code, mean and log-variance are two-layer perceptrons, the latter bounded to (-1, 1) by a tanh.
    """

    def __init__(self, condition: int, target: int, hidden: int) -> None:
        """Build q(y | x) for x of width ``condition`` and y of width ``target``."""
        super().__init__()
        self.mean = nn.Sequential(nn.Linear(condition, hidden), nn.ReLU(), nn.Linear(hidden, target))
        self.log_variance = nn.Sequential(nn.Linear(condition, hidden), nn.ReLU(), nn.Linear(hidden, target), nn.Tanh())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log-variance ``[N, E]`` of y given x ``[N, D]``."""
        return self.mean(x), self.log_variance(x)

    def bound(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the bound in nats for pairs ``[N, D]`` and ``[N, E]``; zero without a pair. q gets no gradient."""
        if len(x) == 0:
            return x.sum() + y.sum()
        x, y = x.float(), y.float()
        with torch.autocast(x.device.type, enabled=False):
            fixed = {name: weight.detach() for name, weight in self.named_parameters()}
            mean, log_variance = functional_call(self, fixed, (x,))
            # The mean square distance to all y is their variance plus the squared distance to their mean.
            others = y.var(0, correction=0) + (y.mean(0) - mean).square()
            differences: Tensor = ((others - (y - mean).square()) * (-log_variance).exp()).sum(1)
            return differences.mean() / 2.0

    def estimation(self, x: Tensor, y: Tensor) -> Tensor:
        """Return the negative log-likelihood of y given x, up to a constant; the pairs get no gradient."""
        x, y = x.detach().float(), y.detach().float()
        with torch.autocast(x.device.type, enabled=False):
            mean, log_variance = self(x)
            losses: Tensor = ((y - mean).square() * (-log_variance).exp() + log_variance).sum(1) / 2.0
            return losses.sum() / max(1, len(losses))
