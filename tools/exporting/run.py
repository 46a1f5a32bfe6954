"""A run of one of the two CoT stages, which is what can be exported."""

from pathlib import Path
from typing import Any

from jsonargparse import ArgumentParser
from lightning.pytorch import LightningDataModule

from c2ser_lightning.inference.run import LoadedRun, load_run
from c2ser_lightning.modules.cot import CoTModule


def read_run(folder: Path, checkpoint: Path | None) -> LoadedRun[CoTModule]:
    """Read a run at full precision: only that can be merged into.

    Args:
        folder: Its ``run_dir``.
        checkpoint: Its weights; ``checkpoints/last.ckpt`` there by default.

    Raises:
        FileNotFoundError: The run has no configuration.
        CheckpointError: There is no such checkpoint, or it does not fit.
        ValueError: It is a run of neither stage.
    """
    run = load_run(folder, checkpoint, quantised=False)
    if not isinstance(run.module, CoTModule):
        raise ValueError(f"only ExplicitCoT and ImplicitCoT can be exported, not {type(run.module).__name__}")  # noqa: TRY004
    return LoadedRun(run.module, run.config, run.checkpoint)


def shard_folders(config: dict[str, Any]) -> list[Path]:
    """Return the shard folders that a configuration trains on."""
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(LightningDataModule, "data")
    shards = parser.parse_object({"data": config["data"]}).data.init_args.shards
    return [Path(folder) for folder in ([shards] if isinstance(shards, str | Path) else shards)]
