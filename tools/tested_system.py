"""A system as the command line of ``test`` describes it, for tools that ask it more than one test would."""

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from c2ser_lightning.cli import ParsedCLI, run
from c2ser_lightning.data.datamodule import EmotionDataModule
from c2ser_lightning.models.released import is_released
from c2ser_lightning.modules.checkpointing import TrainedWeightsModule
from c2ser_lightning.modules.cot import CoTModule
from c2ser_lightning.modules.recognizer import Recognizer


@dataclass(frozen=True, slots=True)
class TrainerSettings:
    """The trainer's options that a test on one device hangs on."""

    accelerator: str
    precision: str
    limit_test_batches: float | None


@dataclass(slots=True)
class TestedSystem:
    """What the options of ``test`` built, before any weights are loaded.

    Attributes:
        module: The system.
        data: Its test set.
        run_dir: Folder of its run.
        checkpoint: Its trained weights; ``None`` for a system that needs none.
        config: The configuration of the module.
        trainer: How it computes.
    """

    __test__ = False  # no test case, whatever pytest thinks of the name

    module: Recognizer
    data: EmotionDataModule
    run_dir: Path
    checkpoint: Path | None
    config: dict[str, Any]
    trainer: TrainerSettings

    def load(self) -> None:
        """Load backbones and weights.

        Raises:
            ValueError: The system is one of ours and no weights are named.
            CheckpointError: The checkpoint is missing or does not fit.
        """
        module = self.module
        released = isinstance(module, CoTModule) and is_released(module.initialise_from or "")
        if isinstance(module, TrainedWeightsModule) and self.checkpoint is None and not released:
            raise ValueError("which weights? add --ckpt_path=<checkpoint of a trained run>")
        if isinstance(module, CoTModule) and not released:
            module.initialise_from = None  # the checkpoint has all that was trained
        module.configure_model()
        if isinstance(module, TrainedWeightsModule) and self.checkpoint is not None:
            module.load_trained(str(self.checkpoint))


def tested_system(arguments: list[str]) -> TestedSystem:
    """Build what the options of ``python -m c2ser_lightning test`` say.

    Raises:
        ValueError: It is no system that recognises emotions.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LightningCLI's args parameter")  # the tool's own options stand there
        cli = run(["test", *arguments], ParsedCLI)
    settings, module = cli.config["test"], cli.model
    if not isinstance(module, Recognizer):
        raise ValueError(f"{type(module).__name__} recognises nothing; name a config of a system that does")  # noqa: TRY004
    checkpoint = settings.get("ckpt_path")
    options = settings["trainer"]
    return TestedSystem(
        module=module,
        data=cli.datamodule,
        run_dir=Path(settings["run_dir"]),
        checkpoint=Path(checkpoint) if checkpoint else None,
        config=settings["model"].as_dict(),
        trainer=TrainerSettings(
            accelerator=options["accelerator"] if isinstance(options["accelerator"], str) else "auto",
            precision=str(options["precision"] or "32-true"),
            limit_test_batches=options["limit_test_batches"],
        ),
    )
