"""Time a whole pretraining step of Emotion2Vec-S at base size against the plain way, one shortcut after the other.

Every variant runs in a process of its own, so that its peak memory is its own. The step is forward, backward,
optimizer and teacher update.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import asdict, dataclass

import torch

from benchmarks import flops
from benchmarks.machine import Machine, peak_flops, peak_memory, seconds
from benchmarks.plain_emotion2vec import Shortcuts, plain_objectives
from benchmarks.speech import noise_batch
from c2ser_lightning.data.batch import Batch
from c2ser_lightning.models.emotion2vec import Emotion2VecConfig
from c2ser_lightning.models.emotion2vec.masking import MaskConfig
from c2ser_lightning.models.emotion2vec.teacher import TeacherConfig
from c2ser_lightning.modules.emotion2vec_s import CollapseGuard, Emotion2VecS, Objective, ObjectiveConfig
from c2ser_lightning.modules.optimization import OptimizerConfig

PLAIN = {
    "plain": Shortcuts(),
    "local features once": Shortcuts(shared_local=True),
    "and teacher once": Shortcuts(shared_local=True, shared_teacher=True),
    "and fused attention": Shortcuts(shared_local=True, shared_teacher=True, fused_attention=True),
}
FAST = "c2ser_lightning"
VARIANTS = (*PLAIN, FAST)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is timed."""

    utterances: int
    seconds: float
    clones: int
    repetitions: int
    device: str
    precision: str

    @property
    def dtype(self) -> torch.dtype:
        """Type of the matrix products."""
        return torch.bfloat16 if self.precision == "bf16" else torch.float32


@dataclass(frozen=True, slots=True)
class Outcome:
    """One variant's figures; the best repetition counts, noise only makes slower."""

    variant: str
    step_seconds: float
    utterances_per_second: float
    peak_memory_gb: float
    share_of_peak: float
    peak: str


def build(settings: Settings) -> Emotion2VecS:
    """Return the module at base size, in training mode."""
    torch.manual_seed(0)
    masking, teacher = MaskConfig(clones=settings.clones), TeacherConfig()
    module = Emotion2VecS(Emotion2VecConfig(), masking, teacher, ObjectiveConfig(), CollapseGuard(), OptimizerConfig())
    module.configure_model()
    return module.to(settings.device).train()


def step_of(variant: str, module: Emotion2VecS, batch: Batch, settings: Settings) -> Callable[[], None]:
    """Return one training step as a function."""
    trained = [weight for weight in module.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=7.5e-5, fused=True)

    def objectives() -> Objective:
        generator = torch.Generator().manual_seed(0)
        if variant == FAST:
            return module.objectives(batch, generator)
        return plain_objectives(module, batch, generator, PLAIN[variant])

    def step() -> None:
        mixed = torch.autocast(settings.device, torch.bfloat16) if settings.precision == "bf16" else nullcontext()
        with mixed:
            loss = torch.stack(list(objectives().shares(module.objective).values())).sum()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
        module.teacher.update(module.encoder.context, 1)

    return step


def measure(variant: str, settings: Settings) -> Outcome:
    """Time one variant in this process."""
    device = torch.device(settings.device)
    peak, origin = peak_flops(device, settings.dtype)
    batch = noise_batch([settings.seconds] * settings.utterances).to(device)
    module = build(settings)
    step = step_of(variant, module, batch, settings)
    step()
    best = min(seconds(step, device) for _ in range(settings.repetitions))
    per_second = settings.utterances / best
    needed = flops.pretraining(module.config, round(settings.seconds * 16_000), settings.clones)
    return Outcome(variant, best, per_second, peak_memory(device), needed * per_second / peak, origin)


def measure_apart(variant: str, settings: Settings) -> Outcome:
    """Time one variant in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.emotion2vec_step", "--variant", variant]
    for name, value in asdict(settings).items():
        command += [f"--{name}", str(value)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Outcome(**json.loads(output.splitlines()[-1]))


def report(outcomes: list[Outcome], settings: Settings) -> None:
    """Print the ladder and write it with machine and date."""
    machine = Machine.present(torch.device(settings.device))
    plain = outcomes[0].step_seconds
    print(f"{'variant':<24}{'step s':>9}{'utt/s':>9}{'speed-up':>10}{'peak GB':>9}{'of peak':>9}")
    for one in outcomes:
        print(
            f"{one.variant:<24}{one.step_seconds:>9.3f}{one.utterances_per_second:>9.3f}"
            f"{plain / one.step_seconds:>10.2f}{one.peak_memory_gb:>9.2f}{one.share_of_peak:>9.2f}"
        )
    content = {"settings": asdict(settings), "outcomes": [asdict(one) for one in outcomes]}
    print(f"peak: {outcomes[0].peak}; {machine} -> {machine.write('emotion2vec_step', content)}")


def main(arguments: list[str] | None = None) -> None:
    """Measure all variants, or print one as JSON."""
    cuda = torch.cuda.is_available()
    parser = argparse.ArgumentParser(prog="python -m benchmarks.emotion2vec_step", description=__doc__)
    parser.add_argument("--utterances", type=int, default=32 if cuda else 1, help="utterances of a batch")
    parser.add_argument("--seconds", type=float, default=6.5, help="length of an utterance")
    parser.add_argument("--clones", type=int, default=8, help="differently masked copies of an utterance")
    parser.add_argument("--repetitions", type=int, default=20 if cuda else 3, help="timed steps")
    parser.add_argument("--device", default="cuda" if cuda else "cpu")
    parser.add_argument("--precision", choices=("bf16", "fp32"), default="bf16" if cuda else "fp32")
    parser.add_argument("--variant", choices=VARIANTS, help="only this one, printed as JSON")
    options = vars(parser.parse_args(arguments))
    variant = options.pop("variant")
    settings = Settings(**options)
    if variant:
        print(json.dumps(asdict(measure(variant, settings))))
        return
    report([measure_apart(one, settings) for one in VARIANTS], settings)


if __name__ == "__main__":
    main()
