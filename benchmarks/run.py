"""Time one training step of each kind at demo size and write the figures with machine and date."""

import datetime
import json
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from tqdm import tqdm

from c2ser_lightning.data.batch import Batch, Sample, collate
from c2ser_lightning.data.record import UtteranceRecord
from c2ser_lightning.models.connector import Connector, ConnectorSettings
from c2ser_lightning.models.emotion2vec import Emotion2Vec, Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.masking import MaskConfig
from c2ser_lightning.models.emotion2vec.teacher import TeacherConfig
from c2ser_lightning.models.whisper import WhisperPerception, WhisperSettings
from c2ser_lightning.modules.emotion2vec_s import CollapseGuard, Emotion2VecS, ObjectiveConfig
from c2ser_lightning.modules.optimization import OptimizerConfig

RESULTS = Path(__file__).parent / "results"
UTTERANCES, SECONDS = 8, 4.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Median of several repetitions after one warm-up."""

    name: str
    seconds: float
    utterances_per_second: float


def batch() -> Batch:
    """Return noise in the shape of speech."""
    generator = torch.Generator().manual_seed(0)
    samples = []
    for number in range(UTTERANCES):
        waveform = torch.randn(int(16_000 * SECONDS), generator=generator) * 0.1
        record = UtteranceRecord(str(number), "bench", "s", "en", "train", "anger", "", SECONDS)
        samples.append(Sample(record, waveform))
    return collate(list(samples))


def timed(name: str, step: Callable[[], object], repetitions: int = 5) -> Timing:
    """Run a step several times."""
    step()
    seconds = []
    for _ in tqdm(range(repetitions), desc=name, unit="step"):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    median = statistics.median(seconds)
    return Timing(name, round(median, 4), round(UTTERANCES / median, 3))


def emotion2vec_step(data: Batch) -> Callable[[], object]:
    """Return a pretraining step, forward and backward, at a quarter of the base width."""
    config = Emotion2VecConfig(
        convolutions=[(128, 10, 5), *[(128, 3, 2)] * 4, *[(128, 2, 2)] * 2], embed_dim=192, depth=4, prenet_depth=2
    )
    module = Emotion2VecS(
        config,
        MaskConfig(clones=4),
        TeacherConfig(top_k_layers=4),
        ObjectiveConfig(),
        CollapseGuard(),
        OptimizerConfig(),
    )
    module.configure_model()

    def step() -> None:
        losses = module.objectives(data, torch.Generator().manual_seed(0))
        torch.stack(list(losses.shares(module.objective).values())).sum().backward()  # type: ignore[no-untyped-call]
        module.zero_grad()

    return step


def feature_step(data: Batch) -> Callable[[], object]:
    """Return feature extraction at emotion2vec_base size."""
    model = Emotion2Vec(Emotion2VecConfig()).eval()

    def step() -> None:
        with torch.inference_mode():
            model.extract_features(data.waveforms, data.padding_mask)

    return step


def perception_step(data: Batch, *, pad_to_30s: bool) -> Callable[[], object]:
    """Return Whisper-base-sized encoding and the connector, at true length or padded to 30 s."""
    settings = WhisperSettings(source=None, width=512, layers=6, heads=8, ffn=2048, pad_to_30s=pad_to_30s)
    whisper = WhisperPerception(settings).eval()
    connector = Connector(ConnectorSettings(), semantic=512, acoustic=None, output=896).eval()

    def step() -> None:
        with torch.inference_mode():
            connector(whisper(data.waveforms, data.lengths), None)

    return step


def main() -> None:
    """Run everything and write one file for this machine and day."""
    data = batch()
    timings = [
        timed("Emotion2Vec-S pretraining step, width 192", emotion2vec_step(data)),
        timed("Emotion2Vec features, base size", feature_step(data)),
        timed("Whisper-base size at true length", perception_step(data, pad_to_30s=False)),
        timed("Whisper-base size padded to 30 s", perception_step(data, pad_to_30s=True)),
    ]
    today = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    machine = f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}"
    RESULTS.mkdir(exist_ok=True)
    report = {"date": today, "machine": machine, "batch": f"{UTTERANCES} x {SECONDS} s"}
    path = RESULTS / f"cpu-{today}.json"
    path.write_text(json.dumps({**report, "timings": [asdict(item) for item in timings]}, indent=1) + "\n")
    for item in timings:
        print(f"{item.name:<46}{item.seconds:>9.3f} s{item.utterances_per_second:>9.2f} utt/s")
    print(f"-> {path}")


if __name__ == "__main__":
    main()
