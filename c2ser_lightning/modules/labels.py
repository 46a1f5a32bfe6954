"""The label set that a run is evaluated on."""

import lightning.pytorch as pl

from c2ser_lightning.emotions import EMOTIONS


def label_set(module: pl.LightningModule) -> tuple[str, ...]:
    """Return the DataModule's label set, or all seven emotions when there is no DataModule."""
    datamodule = getattr(module.trainer, "datamodule", None)
    return tuple(datamodule.emotions) if datamodule is not None else EMOTIONS
