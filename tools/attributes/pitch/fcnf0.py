"""FCNF0++ (Morrison et al. 2023, "Cross-domain neural pitch and periodicity estimation"), the same function as penn's.

Its filters are 32 samples long, so a convolution is cheaper as a product of spectra, exact but for rounding: the second
layer, more than half of the network, takes a tenth of the multiplications. The first layer is a matrix product that
makes the two halves of each pooling window apart.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

FRAMES = 64
"""Frames of a call, always, with zeros where there are fewer: sums then have one order, whatever stands in a batch."""

_FRONT_FRAMES = 8
"""The first layers have 123,000 values a frame: more frames leave the processor's cache and cost a third more."""

_FRONT_FRAMES_CUDA = 64


class SpectralConv(nn.Module):
    """A ``Conv1d`` without padding or stride, by multiplication of spectra of overlapping stretches (overlap-save)."""

    spectra: Tensor
    bias: Tensor

    def __init__(self, conv: nn.Conv1d, size: int) -> None:
        """Take over a convolution; ``size`` is the length of the stretches and of their transform."""
        super().__init__()
        self.size, self.taps = size, conv.kernel_size[0]
        # Correlation is convolution with the reversed filter; [frequencies, in, out] for one product a frequency.
        spectra = torch.fft.rfft(conv.weight.detach().flip(-1), size).permute(2, 1, 0).contiguous()
        self.register_buffer("spectra", spectra)
        self.register_buffer("bias", _bias(conv)[:, None])

    def forward(self, values: Tensor) -> Tensor:
        """Convolve ``[B, in, L]`` to ``[B, out, L - taps + 1]``."""
        batch, channels, length = values.shape
        valid, step = length - self.taps + 1, self.size - self.taps + 1
        count = -(-valid // step)
        stretches = F.pad(values, (0, (count - 1) * step + self.size - length)).unfold(2, self.size, step)
        spectrum = torch.fft.rfft(stretches).permute(3, 0, 2, 1).reshape(-1, batch * count, channels)
        product = torch.bmm(spectrum, self.spectra).view(len(self.spectra), batch, count, -1).permute(1, 3, 2, 0)
        # The first taps - 1 samples of a stretch are those that wrapped around.
        wrapped: Tensor = torch.fft.irfft(product, self.size)
        return wrapped[..., self.taps - 1 :].flatten(2)[..., :valid] + self.bias


class FrameConv(nn.Module):
    """A ``Conv1d`` with few output positions, as one matrix product over all of them."""

    weight: Tensor
    bias: Tensor

    def __init__(self, conv: nn.Conv1d) -> None:
        """Take over a convolution."""
        super().__init__()
        self.taps, self.channels = conv.kernel_size[0], conv.out_channels
        self.register_buffer("weight", conv.weight.detach().flatten(1))
        self.register_buffer("bias", _bias(conv))

    def forward(self, values: Tensor) -> Tensor:
        """Convolve ``[B, in, L]`` to ``[B, out, L - taps + 1]``."""
        windows = values.unfold(2, self.taps, 1).transpose(1, 2).flatten(2)
        return F.linear(windows, self.weight, self.bias).transpose(1, 2)


class FirstConv(nn.Module):
    """The first layer with its pooling: even and odd positions are two products, their maximum is the pool."""

    weight: Tensor
    bias: Tensor

    def __init__(self, conv: nn.Conv1d) -> None:
        """Take over the convolution of one input channel."""
        super().__init__()
        self.taps = conv.kernel_size[0]
        self.register_buffer("weight", conv.weight.detach()[:, 0])
        self.register_buffer("bias", _bias(conv)[:, None])

    def forward(self, values: Tensor) -> Tensor:
        """Filter and pool ``[B, L]`` to ``[B, out, (L - taps + 1) // 2]``."""
        windows = values.unfold(1, self.taps, 1)
        even, odd = (torch.matmul(self.weight, windows[:, start::2].transpose(1, 2)) for start in (0, 1))
        return torch.maximum(even, odd).add_(self.bias)


class Fcnf0(nn.Module):
    """The network with the weights of a ``penn.Model``; for inference only."""

    def __init__(self, reference: nn.Sequential) -> None:
        """Take over the weights of penn's network, a sequence of six blocks and a last convolution."""
        super().__init__()
        convs = [module for module in reference.modules() if isinstance(module, nn.Conv1d)]
        first, *others, last = convs
        self.first = FirstConv(first)
        # Lengths with small factors; two stretches of 256 cover the 481 samples of the second layer exactly.
        self.second, self.third, self.fourth, self.fifth = (
            SpectralConv(conv, size) for conv, size in zip(others[:4], (256, 225, 100, 72), strict=True)
        )
        self.sixth, self.last = FrameConv(others[4]), FrameConv(last)
        self.norms = nn.ModuleList(module for module in reference.modules() if isinstance(module, nn.LayerNorm))

    @torch.inference_mode()
    def forward(self, frames: Tensor) -> Tensor:
        """Return the logits ``[64, 1440]`` of pitch bins for ``frames`` ``[64, 1024]`` at 8 kHz."""
        size = _FRONT_FRAMES_CUDA if frames.is_cuda else _FRONT_FRAMES
        hidden = torch.cat([self._front(part) for part in torch.split(frames[:, 16:-15], size)])
        hidden = self.norms[2](_pooled(self.third(hidden)))
        for conv, norm in ((self.fourth, self.norms[3]), (self.fifth, self.norms[4]), (self.sixth, self.norms[5])):
            hidden = norm(conv(hidden).relu_())
        return self.last(hidden)[..., 0]  # type: ignore[no-any-return]

    def _front(self, frames: Tensor) -> Tensor:
        hidden = self.norms[0](self.first(frames).relu_())
        return self.norms[1](_pooled(self.second(hidden)))  # type: ignore[no-any-return]


def _bias(conv: nn.Conv1d) -> Tensor:
    return conv.weight.new_zeros(conv.out_channels) if conv.bias is None else conv.bias.detach()


def _pooled(values: Tensor) -> Tensor:
    """Take the larger of each two neighbours ``[B, C, L]`` and rectify; the order does not matter to the result."""
    end = values.shape[-1] // 2 * 2
    return torch.maximum(values[..., 0:end:2], values[..., 1:end:2]).relu_()
