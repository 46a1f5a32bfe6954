"""What a figure was measured on, and how fast that machine could go."""

import datetime
import json
import platform
import re
import resource
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

RESULTS = Path(__file__).parent / "results"
STATUS = Path("/proc/self/status")
NOMINAL_BF16_FLOPS = {"H200": 989e12, "H100": 989e12, "A100": 312e12, "A6000": 154.8e12, "4090": 165.2e12}
"""Dense bf16 tensor-core peaks of data sheets."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when."""

    date: str
    device: str
    threads: int
    torch_version: str

    @classmethod
    def present(cls, device: torch.device) -> "Machine":
        """Describe the machine this runs on."""
        today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
        return cls(today, name, torch.get_num_threads(), torch.__version__)

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.device}, {self.threads} threads, torch {self.torch_version}, {self.date}"

    def write(self, benchmark: str, content: Mapping[str, object]) -> str:
        """Write a benchmark's figures with this machine and return the file's name."""
        RESULTS.mkdir(exist_ok=True)
        device = re.sub(r"\W+", "_", re.sub(r"\(.*?\)", "", self.device)).strip("_").lower()
        path = RESULTS / f"{benchmark}-{device}-{self.date}.json"
        path.write_text(json.dumps({"machine": asdict(self), **content}, indent=1) + "\n", encoding="utf-8")
        return path.name


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def multiplies_bf16(device: torch.device) -> bool:
    """Say whether the device has instructions for bf16 products; without them bf16 is slower than fp32."""
    if device.type == "cuda":
        return True
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def peak_flops(device: torch.device, dtype: torch.dtype, size: int = 2048, repetitions: int = 5) -> tuple[float, str]:
    """Return the peak in FLOP/s and where it comes from: a data sheet, or the best of a few large matrix products."""
    if device.type == "cuda" and dtype is torch.bfloat16:
        name = torch.cuda.get_device_name(device)
        for part, flops in NOMINAL_BF16_FLOPS.items():
            if part in name:
                return flops, f"data sheet of {part}, dense bf16"
    matrix = torch.randn(size, size, device=device).to(dtype)
    best = min(seconds(lambda: matrix @ matrix, device) for _ in range(repetitions))
    return 2 * size**3 / best, f"best of {repetitions} products of {size} x {size} matrices, {dtype}"


def seconds(work: Callable[[], object], device: torch.device) -> float:
    """Time one call, the device's own work included."""
    wait(device)
    start = time.perf_counter()
    work()
    wait(device)
    return time.perf_counter() - start


def wait(device: torch.device) -> None:
    """Wait until the device has done all its work."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def peak_memory(device: torch.device) -> float:
    """Return the most memory so far, in GB: allocated on a GPU, resident in this process on a CPU."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device) / 1e9
    if STATUS.exists():  # a new process's ru_maxrss begins at its parent's peak, this line does not
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e9
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9


def forget_peak(device: torch.device) -> None:
    """Count the peak from now on: on a GPU, and of this process where the system allows it (Linux)."""
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    elif STATUS.exists():
        (STATUS.parent / "clear_refs").write_text("5")
