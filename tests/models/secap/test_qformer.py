"""The Q-Former: masks, its two halves, and its start from BERT against BERT itself."""

import pytest
import torch
from transformers import BertConfig, BertModel

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.secap.qformer import QFormer, QFormerSettings

SIZES = {"queries": 5, "width": 32, "layers": 3, "heads": 4, "ffn": 48, "positions": 20, "dropout": 0.0}
VOCABULARY = 40


def tiny(**changes) -> QFormer:
    torch.manual_seed(0)
    return QFormer(QFormerSettings(**{**SIZES, **changes}), frame_width=24, vocabulary=VOCABULARY).eval()


@pytest.fixture(scope="module")
def bert(tmp_path_factory) -> BertModel:
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=20,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    for name, weight in model.named_parameters():
        torch.nn.init.normal_(weight, mean=1.0 if "LayerNorm.weight" in name else 0.0, std=0.2)
    model.folder = tmp_path_factory.mktemp("bert")
    model.save_pretrained(model.folder)
    return model


@torch.no_grad()
def test_padded_frames_and_tokens_are_not_heard():
    qformer = tiny()
    frames = torch.randn(3, 9, 24)
    valid = torch.arange(9) < torch.tensor([[9], [4], [1]])
    heard = qformer.listen(frames, valid)
    assert heard.shape == (3, 5, 32)
    for row, length in enumerate((9, 4, 1)):
        alone = qformer.listen(frames[row : row + 1, :length], valid[row : row + 1, :length])
        torch.testing.assert_close(heard[row], alone[0], atol=1e-5, rtol=0)
    tokens = torch.randint(VOCABULARY, (3, 9))
    read = qformer.read(tokens, valid)
    for row, length in enumerate((9, 4, 1)):
        alone = qformer.read(tokens[row : row + 1, :length], valid[row : row + 1, :length])
        torch.testing.assert_close(read[row, :length], alone[0], atol=1e-5, rtol=0)


@torch.no_grad()
def test_every_query_listens_and_they_differ():
    qformer = tiny()
    frames, valid = torch.randn(2, 6, 24), torch.ones(2, 6, dtype=torch.bool)
    heard = qformer.listen(frames, valid)
    assert (heard[0] - heard[1]).abs().amax(1).min() > 1e-3
    assert (heard[0, 0] - heard[0, 1]).abs().max() > 1e-3


@torch.no_grad()
def test_text_from_bert_is_read_as_bert_reads_it(bert):
    """BERT's token types, which a Q-Former lacks, are zeroed in the reference."""
    qformer = QFormer(QFormerSettings(source=str(bert.folder), queries=5, dropout=0.0), 24, VOCABULARY).eval()
    bert.embeddings.token_type_embeddings.weight.zero_()
    tokens = torch.randint(VOCABULARY, (2, 7))
    valid = torch.arange(7) < torch.tensor([[7], [3]])
    expected = bert(tokens, attention_mask=valid.long()).last_hidden_state
    torch.testing.assert_close(qformer.read(tokens, valid)[valid], expected[valid], atol=1e-5, rtol=0)


def test_queries_start_from_berts_feed_forward_layers_too(bert):
    with_text, without = (
        QFormer(QFormerSettings(source=str(bert.folder), queries=5), 24, vocabulary).state_dict()
        for vocabulary in (VOCABULARY, None)
    )
    weights = bert.state_dict()
    for name in ("intermediate", "output"):
        wanted = weights[f"encoder.layer.1.{name}.dense.weight"]
        for qformer in (with_text, without):
            assert torch.equal(qformer[f"transformer.encoder.layer.1.{name}_query.dense.weight"], wanted)
    assert without.keys() < with_text.keys()
    assert not any("words" in name for name in without)


def test_a_tokenizer_of_another_vocabulary_is_refused(bert):
    with pytest.raises(BackboneError, match=r"word_embeddings.*tokenizer"):
        QFormer(QFormerSettings(source=str(bert.folder)), 24, VOCABULARY + 1)


def test_cross_attention_is_in_every_other_layer():
    names = [name for name in tiny().state_dict() if "crossattention.attention.query.weight" in name]
    assert names == [f"transformer.encoder.layer.{layer}.crossattention.attention.query.weight" for layer in (0, 2)]


def test_without_its_text_half_it_says_so():
    qformer = QFormer(QFormerSettings(**SIZES), 24)
    with pytest.raises(RuntimeError, match="no text half"):
        qformer.read(torch.zeros(1, 1, dtype=torch.long), torch.ones(1, 1, dtype=torch.bool))
