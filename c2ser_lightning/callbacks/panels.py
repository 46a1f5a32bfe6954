"""Example answers in TensorBoard, so that a person can watch the model learn to reason."""

import lightning.pytorch as pl
from lightning.pytorch.loggers import TensorBoardLogger

from c2ser_lightning.data.batch import Batch
from c2ser_lightning.modules.answering import AnsweringModule


class ExampleAnswers(pl.Callback):
    """Generates answers for the first validation utterances and shows them beside the reference texts."""

    def __init__(self, examples: int = 4, every_n_epochs: int = 1) -> None:
        """Show so many examples, every so many validation epochs."""
        super().__init__()
        self.examples, self.every_n_epochs = examples, every_n_epochs

    def on_validation_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: object,
        batch: Batch,
        batch_idx: int,
        dataloader_idx: int = 0,
    ) -> None:
        """Write a Markdown table of answers for the first batch."""
        due = trainer.current_epoch % self.every_n_epochs == 0 and not trainer.sanity_checking
        if batch_idx or not due or not isinstance(pl_module, AnsweringModule):
            return
        answers = pl_module.answers(batch)[: self.examples]
        references = [pl_module.reference(record, pl_module.mode) for record in batch.records]
        rows = [
            f"| {record.key} | {record.emotion} | {_cell(reference)} | {_cell(answer)} |"
            for record, reference, answer in zip(batch.records, references, answers, strict=False)
        ]
        if not rows:
            return
        table = "\n".join(["| utterance | emotion | reference | answer |", "|---|---|---|---|", *rows])
        for logger in trainer.loggers:
            if isinstance(logger, TensorBoardLogger):
                logger.experiment.add_text("examples/answers", table, trainer.global_step)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
