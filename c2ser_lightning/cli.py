"""The command line: LightningCLI with this project's defaults, and errors that name the key that was meant."""

import difflib
import re
import sys
from collections.abc import Iterator
from typing import Any, NoReturn

import lightning.pytorch as pl
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI

from c2ser_lightning.data.datamodule import EmotionDataModule
from c2ser_lightning.data.ledger import StrictModeError
from c2ser_lightning.data.shard_index import ShardError
from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.modules.checkpointing import CheckpointError

USER_ERRORS = (BackboneError, CheckpointError, ShardError, StrictModeError)
"""Errors whose message is written for the person at the keyboard; they end a run without a traceback."""

TRAINER_DEFAULTS: dict[str, Any] = {"trainer.use_distributed_sampler": False}
"""Batches are divided over ranks by the DataModule's own plan, never by a sampler that repeats utterances."""


class SuggestingParser(LightningArgumentParser):
    """An argument parser that answers a misspelt key with the key it looks like."""

    def error(self, message: str, ex: Exception | None = None) -> NoReturn:
        """Exit with status 2, the message and, for an unknown key, the nearest known one."""
        super().error(message + self._suggestion(message), ex)

    def _suggestion(self, message: str) -> str:
        unknown = _UNKNOWN_KEY.search(message)
        if unknown is None:
            return ""
        name = next(filter(None, unknown.groups())).rpartition(".")[2]
        near = difflib.get_close_matches(name, sorted(set(_known_names(self))), n=1, cutoff=0.6)
        return f"\nDid you mean {near[0]!r} instead of {name!r}?" if near else ""


_UNKNOWN_KEY = re.compile(r"""[Kk]ey ['"]?([\w.]+)['"]? is not expected|[Uu]nrecognized arguments: -*([\w.]+)|does not accept .*?['"]([\w.]+)['"]""")


def _known_names(parser: LightningArgumentParser) -> Iterator[str]:
    """Yield every option name that the project's own classes and the Trainer accept."""
    for action in parser._actions:  # noqa: SLF001
        yield from str(action.dest).split(".")
    yield from _parameter_names()


def _parameter_names() -> Iterator[str]:
    import dataclasses
    import inspect

    from c2ser_lightning import callbacks, modules

    for owner in (pl.Trainer, EmotionDataModule, *vars(modules).values(), *vars(callbacks).values()):
        if inspect.isclass(owner):
            yield from inspect.signature(owner).parameters


class C2SERCLI(LightningCLI):
    """``fit``, ``validate``, ``test`` and ``predict``, each configured by YAML files that are merged left to right."""

    def init_parser(self, **kwargs: Any) -> LightningArgumentParser:
        """Build the parser with suggestions."""
        return SuggestingParser(**kwargs)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line; errors meant for people are printed without a traceback."""
    try:
        C2SERCLI(
            pl.LightningModule,
            EmotionDataModule,
            subclass_mode_model=True,
            subclass_mode_data=True,
            trainer_defaults={"use_distributed_sampler": False},
            save_config_kwargs={"overwrite": True},
            seed_everything_default=0,
            args=arguments,
        )
    except USER_ERRORS as error:
        sys.exit(f"error: {error}")
