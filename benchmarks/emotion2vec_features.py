"""Time feature extraction at base size over clips of mixed lengths: one at a time, in file order, in buckets."""

import argparse
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass

import torch
from tqdm import tqdm

from benchmarks import flops
from benchmarks.machine import Machine, multiplies_bf16, peak_flops, seconds
from benchmarks.speech import mixed_lengths, noise_batch
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.data.bucketing import BatchConfig, BucketPlan
from c2ser_lightning.models.emotion2vec import Emotion2Vec, Emotion2VecConfig


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way's figures; padding is the share of computed samples that are none."""

    way: str
    precision: str
    seconds: float
    utterances_per_second: float
    padding_share: float
    share_of_peak: float


def ways(lengths: list[float], config: BatchConfig) -> dict[str, list[list[int]]]:
    """Return the batches of every way."""
    size = config.max_utterances
    in_order = [list(range(start, min(start + size, len(lengths)))) for start in range(0, len(lengths), size)]
    return {
        "one at a time": [[position] for position in range(len(lengths))],
        f"batches of {size} in file order": in_order,
        "bucketed batches": BucketPlan(lengths, config, shuffle=False).batches(0),
    }


def extraction(model: Emotion2Vec, batches: list[Batch], precision: str, device: torch.device) -> Callable[[], None]:
    """Return a function that encodes all batches."""

    def encode() -> None:
        mixed = torch.autocast(device.type, torch.bfloat16) if precision == "bf16" else nullcontext()
        with torch.inference_mode(), mixed:
            for batch in batches:
                model.extract_features(batch.waveforms, batch.padding_mask if batch.size > 1 else None)

    return encode


def measure(options: argparse.Namespace) -> list[Outcome]:
    """Time every way at every precision; the best repetition counts, noise only makes slower."""
    device = torch.device(options.device)
    model = Emotion2Vec(Emotion2VecConfig(exact_padding=True)).to(device).eval()
    lengths = mixed_lengths(options.utterances)
    needed = sum(flops.features(model.config, round(16_000 * length)) for length in lengths)
    outcomes = []
    for precision in options.precision:
        peak, _ = peak_flops(device, torch.bfloat16 if precision == "bf16" else torch.float32)
        plans = ways(lengths, BatchConfig(max_seconds=options.max_seconds, max_utterances=options.max_utterances))
        for way, plan in tqdm(plans.items(), desc=f"features, {precision}", unit="way"):
            batches = [noise_batch([lengths[position] for position in members]).to(device) for members in plan]
            encode = extraction(model, batches, precision, device)
            encode()
            best = min(seconds(encode, device) for _ in range(options.repetitions))
            padding = 1.0 - sum(lengths) / sum(batch.waveforms.numel() / 16_000 for batch in batches)
            outcomes.append(Outcome(way, precision, best, len(lengths) / best, padding, needed / best / peak))
    return outcomes


def main(arguments: list[str] | None = None) -> None:
    """Measure, print and write."""
    cuda = torch.cuda.is_available()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emotion2vec_features", description=__doc__)
    parser.add_argument("--utterances", type=int, default=512 if cuda else 32, help="clips of mixed lengths")
    parser.add_argument("--max_utterances", type=int, default=64 if cuda else 4, help="clips of a batch")
    parser.add_argument("--max_seconds", type=float, default=400.0 if cuda else 60.0, help="padded audio of a batch")
    parser.add_argument("--repetitions", type=int, default=5 if cuda else 2, help="timed runs over all clips")
    parser.add_argument(
        "--precision",
        nargs="+",
        choices=("fp32", "bf16"),
        help="default: fp32, and bf16 where the device multiplies it",
    )
    parser.add_argument("--device", default="cuda" if cuda else "cpu")
    options = parser.parse_args(arguments)
    options.precision = options.precision or [
        "fp32",
        *(["bf16"] if multiplies_bf16(torch.device(options.device)) else []),
    ]
    outcomes = measure(options)
    machine = Machine.present(torch.device(options.device))
    print(f"{'way':<32}{'precision':>10}{'s':>9}{'utt/s':>9}{'speed-up':>10}{'padding':>9}{'of peak':>9}")
    for one in outcomes:
        print(
            f"{one.way:<32}{one.precision:>10}{one.seconds:>9.2f}{one.utterances_per_second:>9.2f}"
            f"{outcomes[0].seconds / one.seconds:>10.2f}{one.padding_share:>9.2f}{one.share_of_peak:>9.2f}"
        )
    content = {"settings": vars(options), "outcomes": [asdict(one) for one in outcomes]}
    print(f"{machine} -> {machine.write('emotion2vec_features', content)}")


if __name__ == "__main__":
    main()
