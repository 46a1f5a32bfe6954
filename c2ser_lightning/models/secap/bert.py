"""Start a Q-Former from BERT: self-attention, both feed-forward halves and the text embeddings; not cross-attention."""

from torch import Tensor, nn
from transformers import BertConfig, BertModel

from c2ser_lightning.models.backbone import BackboneError, load_whole, resolve_folder


def bert_sizes(source: str) -> BertConfig:
    """Read the configuration of a BERT.

    Raises:
        BackboneError: There is none.
    """
    folder = resolve_folder(source)
    try:
        return BertConfig.from_pretrained(folder)
    except (OSError, ValueError) as error:
        raise BackboneError(f"{source} has no configuration of a BERT ({error})") from error


def copy_bert(source: str, transformer: nn.Module, words: nn.Module | None) -> None:
    """Copy a BERT's weights into a Q-Former of its size.

    The queries' feed-forward layers get a copy of the text's, as in BLIP-2. BERT's token types, which a Q-Former does
    not have, are left behind.

    Raises:
        BackboneError: The folder holds no such BERT.
    """
    bert = load_whole(BertModel, source, add_pooling_layer=False)
    weights = bert.state_dict()
    wanted = transformer.state_dict()
    transformer.load_state_dict({name: weights.get(_source_of(name), own) for name, own in wanted.items()})
    if words is not None:
        tables = {name: weights[f"embeddings.{name}"] for name in words.state_dict()}
        _check_vocabulary(source, words, tables)
        words.load_state_dict(tables)


def _source_of(name: str) -> str:
    """Return BERT's name of a Q-Former's weight; cross-attention leads to a name that BERT does not have."""
    if name.startswith("layernorm."):
        return name.replace("layernorm.", "embeddings.LayerNorm.")
    return name.replace("_query.", ".").replace(".attention.attention.", ".attention.self.")


def _check_vocabulary(source: str, words: nn.Module, tables: dict[str, Tensor]) -> None:
    own = words.state_dict()
    for name, table in tables.items():
        if own[name].shape != table.shape:
            raise BackboneError(
                f"{source} has {name} of shape {tuple(table.shape)}, but its tokenizer needs {tuple(own[name].shape)}; "
                "leave model.init_args.tokenizer to the BERT's own"
            )
