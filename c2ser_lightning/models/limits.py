"""What a language model cannot take: token ids beyond its embeddings, and sequences beyond its context."""

from collections.abc import Sequence

from transformers import PreTrainedTokenizerBase

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.sequence import Row


class ContextError(RuntimeError):
    """An utterance with its question and answer is longer than the language model's context."""


def check_vocabulary(tokenizer: PreTrainedTokenizerBase, embeddings: int, source: str) -> None:
    """Check that every token has an embedding.

    Raises:
        BackboneError: The tokenizer belongs to another model.
    """
    largest = max(tokenizer.get_vocab().values(), default=-1)
    if largest >= embeddings:
        raise BackboneError(
            f"vocabulary mismatch: the tokenizer of {source} has token ids up to {largest}, but the language model has "
            f"{embeddings} embeddings; set model.init_args.language_model.tokenizer to the model's own tokenizer"
        )


def end_token(tokenizer: PreTrainedTokenizerBase, text: str) -> int:
    """Return the id of the token that ends an answer.

    Raises:
        BackboneError: The tokenizer does not know it as one token.
    """
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False)
    if len(ids) != 1:
        raise BackboneError(
            f"vocabulary mismatch: the tokenizer splits the end mark {text!r} into {len(ids)} tokens; use the "
            "tokenizer of a Qwen2 model (model.init_args.language_model.tokenizer), or another "
            "model.init_args.prompts.layout: chat ends answers with <|im_end|>, plain with <|endoftext|>, "
            "speech_first with what model.init_args.prompts.end says"
        )
    return ids[0]


def check_context(rows: Sequence[Row], keys: Sequence[str] | None, context: int, new_tokens: int = 0) -> None:
    """Check that every row, and what will be generated behind it, fits into the language model's context.

    Args:
        rows: What each utterance will be laid out as.
        keys: The utterances' names, where they have any.
        context: Most positions of the language model.
        new_tokens: Positions to be generated.

    Raises:
        ContextError: The longest row does not fit.
    """
    number = max(range(len(rows)), key=lambda index: rows[index].length)
    row, positions = rows[number], rows[number].length + new_tokens
    if positions <= context:
        return
    name = keys[number] if keys is not None else f"row {number}"
    answer = f"{new_tokens} to be generated" if new_tokens else f"{len(row.answer)} of the answer"
    raise ContextError(
        f"{name} needs {positions} positions ({len(row.before) + len(row.after)} of the question, {row.speech} of "
        f"speech, {answer}), but the language model's context is {context}; shorten clips with "
        "data.init_args.filters.max_seconds, keep model.init_args.connector.downsample: true, or lower "
        "model.init_args.answering.max_new_tokens"
    )
