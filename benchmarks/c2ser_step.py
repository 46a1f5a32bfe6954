"""Time C2SER's training step against the plain way and the 30-second way, on the same utterances and weights.

Every variant runs in a process of its own, so that its peak memory is its own, and sees every utterance once. A step is
the copy to the device, forward, backward, clipping and optimizer.

    python -m benchmarks.c2ser_step                              # small, on a CPU
    python -m benchmarks.c2ser_step --size 7b --device cuda      # the paper's sizes, on one GPU of 80 GB or more
"""

import argparse
import json
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from benchmarks import c2ser_flops, c2ser_model
from benchmarks.c2ser_figure import draw
from benchmarks.c2ser_model import SIZES, TURN, Size, Utterance
from benchmarks.machine import RESULTS, Machine, peak_flops, peak_memory, seconds
from benchmarks.plain_c2ser import ThirtySeconds, plain_loss
from benchmarks.speech import noise_batch
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.data.bucketing import BatchConfig
from c2ser_lightning.data.token_batches import TokenPlan
from c2ser_lightning.models.c2ser import C2SER
from c2ser_lightning.models.speech import Speech

OURS: dict[str, dict[str, Any]] = {"ours": {}, "ours, packed": {"pack_width": 512}, "ours, compiled": {"compile": True}}
PLAIN: dict[str, type[C2SER]] = {"plain": C2SER, "30 seconds": ThirtySeconds}
VARIANTS = (*OURS, *PLAIN)
STAGES = ("explicit", "implicit")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is timed."""

    size: str
    device: str
    utterances: int
    max_tokens: int

    @property
    def dtype(self) -> torch.dtype:
        """Type of the matrix products."""
        return torch.bfloat16 if self.device == "cuda" else torch.float32


@dataclass(frozen=True, slots=True)
class Outcome:
    """One variant's figures in one stage."""

    stage: str
    variant: str
    utterances_per_second: float
    share_of_peak: float
    peak_memory_gb: float
    padding_share: float
    batches: int
    peak: str


class Run:
    """One variant with its model, its batches and its optimizer."""

    def __init__(self, stage: str, variant: str, settings: Settings) -> None:
        """Build everything that is not timed."""
        self.stage, self.variant, self.settings = stage, variant, settings
        self.device, self.size = torch.device(settings.device), SIZES[settings.size]
        self.said = c2ser_model.utterances(settings.utterances, self.size.vocabulary)
        self.plain = variant in PLAIN
        changes = {"gradient_checkpointing": True} if self.plain else OURS[variant]
        self.model = c2ser_model.build(self.size, self.device, PLAIN.get(variant, C2SER), **changes)
        self.trained = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(self.trained, lr=5e-5, betas=(0.9, 0.99), fused=not self.plain)
        self.plan = self._plan()
        self.padding: list[tuple[float, int]] = []

    def _plan(self) -> list[list[int]]:
        planned = TokenPlan([one.seconds for one in self.said], self._tokens(), self._budget()).batches(0)
        if not self.plain:
            return planned
        order = np.random.default_rng(0).permutation(len(self.said))
        return [part.tolist() for part in np.array_split(order, len(planned))]

    def _budget(self) -> BatchConfig:
        unlimited = len(self.said)
        return BatchConfig(1e9, unlimited, shuffle_spread=0.02, max_tokens=self.settings.max_tokens)

    def _tokens(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Lengths with the kinds of answers that the stage may be trained on."""
        kinds = STAGES if self.stage == "implicit" else STAGES[:1]
        samples = [round(one.seconds * 16_000) for one in self.said]
        columns = [self.model.sequence_tokens(samples, TURN, [getattr(u, kind) for u in self.said]) for kind in kinds]
        return np.asarray(columns).T

    def batches(self) -> list[tuple[Batch, list[str]]]:
        """Return noise and answers of every batch, on the host."""
        said = [[self.said[position] for position in positions] for positions in self.plan]
        return [(noise_batch([u.seconds for u in some]), [getattr(u, self.stage) for u in some]) for some in said]

    def step(self, batch: Batch, answers: list[str]) -> None:
        """Train on one batch."""
        batch = batch.to(self.device, non_blocking=True)
        mixed = self.settings.dtype is torch.bfloat16
        with torch.autocast(self.device.type, torch.bfloat16) if mixed else nullcontext():
            loss, share = self._loss(Speech(batch.waveforms, batch.padding_mask, batch.lengths), answers)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.trained, 5.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.padding.append((share, len(answers)))

    def _loss(self, speech: Speech, answers: list[str]) -> tuple[Tensor, float]:
        turns = [TURN] * len(answers)
        if self.plain:
            return plain_loss(self.model, speech, turns, answers)
        answer = self.model.answer_loss(speech, turns, answers)
        return answer.loss, answer.padding_share


def measure(stage: str, variant: str, settings: Settings) -> Outcome:
    """Time one variant in this process: every batch once, after warming up with the longest and one more."""
    run = Run(stage, variant, settings)
    peak, origin = peak_flops(run.device, settings.dtype)
    batches = run.batches()
    for batch, answers in (max(batches, key=lambda one: one[0].waveforms.numel()), batches[0]):
        run.step(batch, answers)
    run.padding.clear()

    def everything() -> None:
        for batch, answers in tqdm(batches, f"{stage}, {variant}", unit="batch"):
            run.step(batch, answers)

    rate = len(run.said) / seconds(everything, run.device)
    needed = sum(_needed(run.size, one, stage) for one in run.said) / len(run.said)
    padding = float(np.average([share for share, _ in run.padding], weights=[count for _, count in run.padding]))
    return Outcome(stage, variant, rate, needed * rate / peak, peak_memory(run.device), padding, len(batches), origin)


def _needed(size: Size, one: Utterance, stage: str) -> float:
    around = len(TURN.before.split()) + len(TURN.after.split()) + 2
    return c2ser_flops.step(size, round(one.seconds * 16_000), around, len(getattr(one, stage).split()) + 1)


def measure_apart(stage: str, variant: str, settings: Settings) -> Outcome:
    """Time one variant in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.c2ser_step", "--stage", stage, "--variant", variant]
    for name, value in asdict(settings).items():
        command += [f"--{name.replace('_', '-')}", str(value)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Outcome(**json.loads(output.splitlines()[-1]))


def report(outcomes: list[Outcome], settings: Settings, beside: str) -> None:
    """Print a table, write it with machine and date, and draw it."""
    machine = Machine.present(torch.device(settings.device))
    titles = ("utt/s", "ours is", "of peak", "peak GB", "padding", "batches")
    print(f"{'stage':<10}{'variant':<16}{''.join(f'{title:>9}' for title in titles)}")
    for one in outcomes:
        ours = next(o for o in outcomes if o.stage == one.stage and o.variant == "ours").utterances_per_second
        print(
            f"{one.stage:<10}{one.variant:<16}{one.utterances_per_second:>9.2f}"
            f"{f'{ours / one.utterances_per_second:.2f} x':>9}{one.share_of_peak:>9.2f}{one.peak_memory_gb:>9.2f}"
            f"{one.padding_share:>9.3f}{one.batches:>9}"
        )
    content = {"settings": asdict(settings), "beside": beside, "outcomes": [asdict(one) for one in outcomes]}
    name = machine.write(f"c2ser_step_{settings.size}", content)
    picture = RESULTS / name.replace(".json", ".png")
    draw([asdict(one) for one in outcomes], f"{settings.size}, {machine}", picture)
    print(f"peak: {outcomes[0].peak}; {machine} -> {name}, {picture.name}")


def main(arguments: list[str] | None = None) -> None:
    """Measure all variants, or print one as JSON."""
    cuda = torch.cuda.is_available()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.c2ser_step", description=__doc__)
    parser.add_argument("--size", choices=tuple(SIZES), default="small")
    parser.add_argument("--device", default="cuda" if cuda else "cpu")
    parser.add_argument("--utterances", type=int, default=1024 if cuda else 64, help="each is seen once")
    parser.add_argument("--max-tokens", type=int, default=4400 if cuda else 1600, help="positions of a batch of ours")
    measured = VARIANTS if cuda else (*VARIANTS[:2], *PLAIN)  # compiling takes minutes on a CPU
    parser.add_argument("--variants", nargs="+", choices=VARIANTS, default=list(measured))
    parser.add_argument("--beside", default="nothing", help="what else ran on the machine, for the result file")
    parser.add_argument("--stage", choices=STAGES, help="only this one")
    parser.add_argument("--variant", choices=VARIANTS, help="only this one, printed as JSON")
    options = parser.parse_args(arguments)
    settings = Settings(options.size, options.device, options.utterances, options.max_tokens)
    if options.variant:
        print(json.dumps(asdict(measure(options.stage or STAGES[0], options.variant, settings))))
        return
    stages = (options.stage,) if options.stage else STAGES
    report([measure_apart(s, v, settings) for s in stages for v in options.variants], settings, options.beside)


if __name__ == "__main__":
    main()
