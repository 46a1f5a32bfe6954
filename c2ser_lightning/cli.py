"""The command line: LightningCLI with this project's defaults, and errors that name the key that was meant."""

import inspect
import logging
import sys
import warnings
from typing import Any, NoReturn

import lightning.pytorch as pl
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.loggers import TensorBoardLogger

from c2ser_lightning import callbacks, comparison, modules
from c2ser_lightning.data.datamodule import EmotionDataModule
from c2ser_lightning.data.ledger import StrictModeError
from c2ser_lightning.data.shard_index import ShardError
from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.limits import ContextError
from c2ser_lightning.modules.checkpointing import CheckpointError
from c2ser_lightning.modules.emotion2vec_s import CollapseError
from c2ser_lightning.modules.finite import NonFiniteError
from c2ser_lightning.out_of_memory import is_out_of_memory, out_of_memory_message
from c2ser_lightning.suggestions import suggestion

USER_ERRORS = (
    BackboneError,
    CheckpointError,
    CollapseError,
    ContextError,
    NonFiniteError,
    ShardError,
    StrictModeError,
)
"""Errors whose message is written for the person at the keyboard; they end a run without a traceback."""


class SuggestingParser(LightningArgumentParser):
    """An argument parser that answers a misspelt key with the key it looks like."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Exit with status 2, the message and, for an unknown key, the nearest known one; no page of usage."""
        if not self.exit_on_error:
            super().error(message, ex)
        sys.stderr.write(f"error: {message.strip()}{self._suggestion(message)}\n(all options: add --help)\n")
        sys.exit(2)

    def _suggestion(self, message: str) -> str:
        things = [thing for package in (modules, comparison, callbacks) for thing in vars(package).values()]
        own = [thing for thing in things if inspect.isclass(thing) and not issubclass(thing, Exception)]
        options = ["run_dir", "seed_everything", "trainer", "model", "data", "ckpt_path", "class_path", "init_args"]
        return suggestion(message, [*own, EmotionDataModule, pl.Trainer], options)


class C2SERCLI(LightningCLI):
    """``fit``, ``validate``, ``test`` and ``predict``, each configured by YAML files that are merged left to right."""

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the one option that is neither the trainer's nor the model's nor the data's."""
        parser.add_argument(
            "--run_dir", default="runs/unnamed", help="folder of this run's logs, checkpoints and report"
        )

    def instantiate_trainer(self, **kwargs: Any) -> pl.Trainer:
        """Build the trainer; unless a logger is configured, TensorBoard events go straight into the run's folder."""
        if self._get(self.config_init, "trainer.logger") is None:
            kwargs["logger"] = TensorBoardLogger(self._get(self.config_init, "run_dir"), name="", version="")
        configured = self._get(self.config_init, "trainer.callbacks") or []
        curricula = [callback for callback in configured if isinstance(callback, callbacks.CoTCurriculum)]
        # An overlay appends its curriculum to the stage's callbacks; the last one counts.
        kwargs["callbacks"] = [callback for callback in configured if callback not in curricula[:-1]]
        return super().instantiate_trainer(**kwargs)


class ParsedCLI(C2SERCLI):
    """Builds trainer, model and data as its command line says, and leaves the rest to the caller."""

    def _run_subcommand(self, subcommand: str) -> None:
        """Do nothing more."""


def run(arguments: list[str] | None = None, kind: type[C2SERCLI] = C2SERCLI) -> C2SERCLI:
    """Parse a command line, build trainer, model and data, and do what it says."""
    return kind(
        pl.LightningModule,
        EmotionDataModule,
        subclass_mode_model=True,
        subclass_mode_data=True,
        # Batches are divided over ranks by the DataModule's own plan, never by a sampler that repeats utterances.
        trainer_defaults={"use_distributed_sampler": False},
        save_config_kwargs={"overwrite": True},
        seed_everything_default=0,
        parser_class=SuggestingParser,
        auto_configure_optimizers=False,
        args=arguments,
    )


def quieten() -> None:
    """Drop what the libraries say on every run and nobody can act on."""
    # Frozen encoders are meant to be in eval mode; the tree call is Lightning's own, with an older name of torch's.
    warnings.filterwarnings("ignore", message=r"Found \d+ module\(s\) in eval mode at the start of training")
    # transformers' newer name for the same is missing in its earlier 5.x versions.
    for name in ("is_gradient_checkpointing", "gradient_checkpointing_enable"):
        warnings.filterwarnings("ignore", message=f"`{name}` is deprecated")
    warnings.filterwarnings("ignore", message=r"`isinstance\(treespec, LeafSpec\)` is deprecated")
    logging.getLogger("lightning.pytorch.utilities.rank_zero").addFilter(
        lambda record: "Tip:" not in record.getMessage()
    )


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors meant for people are printed without a traceback."""
    quieten()
    try:
        run(arguments)
    except USER_ERRORS as error:
        sys.exit(f"error: {error}")
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        sys.exit(f"error: {out_of_memory_message(error)}")
