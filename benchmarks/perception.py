"""Time Whisper and the connector at true length against the 30 seconds that Whisper was trained on."""

import argparse
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass

import torch
from tqdm import tqdm

from benchmarks.machine import Machine, seconds
from benchmarks.speech import noise_batch
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.models.connector import Connector, ConnectorSettings
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings


@dataclass(frozen=True, slots=True)
class Outcome:
    """Median of several runs after one warm-up."""

    name: str
    seconds: float
    utterances_per_second: float


def perception(batch: Batch, device: torch.device, *, pad_to_30s: bool) -> Callable[[], None]:
    """Return encoding by a random Whisper of base size and the paper's connector as a function."""
    settings = WhisperSettings(source=None, width=512, layers=6, heads=8, ffn=2048, pad_to_30s=pad_to_30s)
    whisper = WhisperPerception(settings).to(device).eval()
    connector = Connector(ConnectorSettings(), semantic=512, acoustic=None, output=896).to(device).eval()

    def encode() -> None:
        with torch.inference_mode():
            connector(whisper(batch.waveforms, batch.lengths), None)

    return encode


def measure(name: str, work: Callable[[], None], size: int, repetitions: int, device: torch.device) -> Outcome:
    """Time a function over a batch of so many utterances."""
    work()
    runs = tqdm(range(repetitions), desc=name, unit="run")
    median = statistics.median(seconds(work, device) for _ in runs)
    return Outcome(name, median, size / median)


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.perception", description=__doc__)
    parser.add_argument("--utterances", type=int, default=8, help="clips of the batch")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a clip")
    parser.add_argument("--repetitions", type=int, default=5, help="timed runs")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args(arguments)
    device = torch.device(options.device)
    batch = noise_batch([options.seconds] * options.utterances).to(device)
    outcomes = [
        measure(name, perception(batch, device, pad_to_30s=padded), batch.size, options.repetitions, device)
        for name, padded in (("true length", False), ("padded to 30 s", True))
    ]
    machine = Machine.present(device)
    for one in outcomes:
        print(f"{one.name:<20}{one.seconds:>9.3f} s{one.utterances_per_second:>9.2f} utt/s")
    content = {"settings": vars(options), "outcomes": [asdict(one) for one in outcomes]}
    print(f"{machine} -> {machine.write('perception', content)}")


if __name__ == "__main__":
    main()
