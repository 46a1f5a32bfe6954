"""Time the second layer of PENN's network, more than half of its work, in every arithmetic a processor may offer."""

import statistics
import time
import warnings
from collections.abc import Callable

import torch
from torch import Tensor, nn
from tqdm import tqdm

from benchmarks.machine import Machine
from tools.attributes.pitch.fcnf0 import SpectralConv

FRAMES, REPETITIONS = 8, 20


def ways(conv: nn.Conv1d, values: Tensor) -> dict[str, Callable[[], Tensor]]:
    """Return the layer as a function without arguments, by arithmetic."""
    spectral, half = SpectralConv(conv, 256), nn.Conv1d(256, 32, 32).to(torch.bfloat16)
    halved = values.to(torch.bfloat16)
    made: dict[str, Callable[[], Tensor]] = {
        "fp32, direct": lambda: conv(values),
        "fp32, spectra": lambda: spectral(values),
        "bf16, direct": lambda: half(halved),
    }
    if "x86" in torch.backends.quantized.supported_engines:
        made["int8, direct, with quantisation"] = _int8(conv, values)
    return made


def _int8(conv: nn.Conv1d, values: Tensor) -> Callable[[], Tensor]:
    torch.backends.quantized.engine = "x86"
    scales, zeros = torch.full((32,), 1e-3), torch.zeros(32, dtype=torch.long)
    weight = torch.quantize_per_channel(conv.weight.detach(), scales, zeros, 0, torch.qint8)
    bias = None if conv.bias is None else conv.bias.detach()
    packed = torch.ops.quantized.conv1d_prepack(weight, bias, [1], [0], [1], 1)

    def work() -> Tensor:
        quantised = torch.quantize_per_tensor(values, 0.05, 64, torch.quint8)
        result: Tensor = torch.ops.quantized.conv1d(quantised, packed, 0.1, 64)
        return result

    return work


def _processor_seconds(work: Callable[[], Tensor]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def main() -> None:
    """Measure, print and write."""
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    cpu = torch.device("cpu")
    made = ways(nn.Conv1d(256, 32, 32), torch.randn(FRAMES, 256, 481))
    outcomes = []
    with torch.inference_mode():
        for name, work in tqdm(made.items(), unit="way"):
            work()
            runs = [1e3 * _processor_seconds(work) / FRAMES for _ in range(REPETITIONS)]
            outcomes.append({"way": name, "least_ms": min(runs), "median_ms": statistics.median(runs)})
    for one in outcomes:
        print(f"{one['way']:<34}{one['least_ms']:>8.3f} ms a frame (median {one['median_ms']:.3f})")
    machine = Machine.present(cpu)
    print(f"{machine} -> {machine.write('pitch_layer', {'frames': FRAMES, 'outcomes': outcomes})}")


if __name__ == "__main__":
    main()
