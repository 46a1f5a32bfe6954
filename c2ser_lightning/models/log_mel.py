"""Whisper's log-mel spectrogram as a module, on the waveform's device, equal for padded and unpadded clips."""

import torch
import torch.nn.functional as F
import torchaudio
from torch import Tensor, nn

WINDOW = 400
HOP = 160


class LogMel(nn.Module):
    """25 ms Hann windows every 10 ms, Slaney mel filters, log10 clamped to 8 below the clip's own maximum."""

    window: Tensor
    filters: Tensor

    def __init__(self, num_mels: int = 80) -> None:
        """Build the filter bank for 16 kHz."""
        super().__init__()
        self.register_buffer("window", torch.hann_window(WINDOW), persistent=False)
        filters = torchaudio.functional.melscale_fbanks(
            WINDOW // 2 + 1, 0.0, 8000.0, num_mels, 16_000, norm="slaney", mel_scale="slaney"
        )
        self.register_buffer("filters", filters, persistent=False)

    @staticmethod
    def output_length(samples: int) -> int:
        """Frames of a clip of so many samples."""
        return samples // HOP

    @torch.no_grad()
    def forward(self, waveforms: Tensor, lengths: list[int]) -> tuple[Tensor, Tensor]:
        """Compute log-mel frames.

        Whisper pads the clip with silence and reflects at the outer edges; here the start is reflected and the end is
        followed by zeros, so that a clip has the same frames alone and padded in a batch.

        Args:
            waveforms: ``[B, S]``, zero beyond each clip's end.
            lengths: The B sample counts.

        Returns:
            ``[B, T, M]`` normalised log-mel, zero beyond each clip's end, and the mask ``[B, T]``, True where valid.
        """
        # torch.tensor(..., device=...) would wait for the device
        frames = torch.tensor([self.output_length(length) for length in lengths])
        frames = frames.to(waveforms.device, non_blocking=True)
        signal = F.pad(waveforms.float(), (0, WINDOW // 2))
        signal = torch.cat([signal[:, 1 : WINDOW // 2 + 1].flip(1), signal], dim=1)
        spectrum = torch.stft(signal, WINDOW, HOP, window=self.window, center=False, return_complex=True)
        power = spectrum[..., : self.output_length(waveforms.shape[1])].abs().square()
        mel = (power.transpose(1, 2) @ self.filters).clamp_min(1e-10).log10()
        valid = torch.arange(mel.shape[1], device=mel.device) < frames.unsqueeze(1)
        peak = mel.masked_fill(~valid.unsqueeze(2), -10.0).amax(dim=(1, 2), keepdim=True)
        mel = (torch.maximum(mel, peak - 8.0) + 4.0) / 4.0
        return mel.masked_fill(~valid.unsqueeze(2), 0.0), valid
