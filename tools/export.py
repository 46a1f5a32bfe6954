"""Merge a trained C2SER into plain folders: a Hugging Face language model, its encoders, and a model card.

    python -m tools.export --run runs/stage2 --out exported/c2ser

The folder goes back into any command as a last config file, ``--config exported/c2ser/c2ser.yaml``.
"""

import sys
from pathlib import Path

import torch

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.modules.checkpointing import CheckpointError
from c2ser_lightning.report.results import METRICS_FILE
from tools.command_line import Parser
from tools.exporting.card import write_card
from tools.exporting.folders import write_folders
from tools.exporting.run import read_run

DTYPES = ("float32", "bfloat16", "float16")


def main(arguments: list[str] | None = None) -> None:
    """Run the tool."""
    parser = Parser("tools.export", __doc__)
    parser.add_argument("--run", type=Path, required=True, help="run_dir of a finished fit")
    parser.add_argument("--checkpoint", type=Path, help="weights (default: checkpoints/last.ckpt of the run)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write; must not exist or be empty")
    parser.add_argument("--dtype", choices=DTYPES, help="type of the language model (default: as in training)")
    parser.add_argument("--tested", type=Path, nargs="*", default=[], help="folders of tests to quote in the card")
    options = parser.parse_args(arguments)
    if options.out.exists() and (not options.out.is_dir() or any(options.out.iterdir())):
        sys.exit(f"error: {options.out} is not empty; name another folder")
    tested = list(dict.fromkeys([*([options.run] if (options.run / METRICS_FILE).is_file() else []), *options.tested]))
    untested = [folder for folder in tested if not (folder / METRICS_FILE).is_file()]
    if untested:
        sys.exit(f"error: no {METRICS_FILE} in {untested[0]}; run: python -m c2ser_lightning test --config ...")
    try:
        run = read_run(options.run, options.checkpoint)
        dtype = options.dtype or run.module.language_model_settings.dtype
        write_folders(run, options.out, getattr(torch, dtype))
        write_card(run, options.out, tested)
    except (BackboneError, CheckpointError, FileNotFoundError, ValueError) as error:
        sys.exit(f"error: {error}")
    size = sum(file.stat().st_size for file in options.out.rglob("*") if file.is_file())
    print(f"{options.out}: {size / 1e9:.3f} GB, {dtype}; use it with --config {options.out / 'c2ser.yaml'}")


if __name__ == "__main__":
    main()
