"""Stage 1's model: text vectors in any batch, empty texts, and one space that can be learned."""

import pytest
import torch

from c2ser_lightning.losses.caption_contrast import CaptionContrastConfig, caption_contrast
from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.secap.alignment import SpeechTextAlignment
from c2ser_lightning.models.secap.hubert import HubertSettings
from c2ser_lightning.models.secap.qformer import QFormerSettings
from tests.tiny import alone, language_model_folder, speech

TEXTS = ["Spoken slowly. The emotion is sadness.", "A loud voice, anger.", "Calm.", "High and fast: joy!"]
HUBERT = HubertSettings(source=None, width=32, layers=1, heads=4, ffn=64, convolution_width=16)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory) -> str:
    return str(language_model_folder(tmp_path_factory.mktemp("lm"), TEXTS * 5))


def build(tokenizer: str, positions: int = 64) -> SpeechTextAlignment:
    torch.manual_seed(0)
    sizes = QFormerSettings(queries=4, width=32, layers=2, heads=4, ffn=64, positions=positions, dropout=0.0)
    return SpeechTextAlignment(HUBERT, sizes, tokenizer)


@torch.no_grad()
def test_vectors_do_not_depend_on_the_batch(tokenizer):
    model = build(tokenizer).eval()
    texts = model.text_vectors(TEXTS)
    assert texts.shape == (4, 32)
    for row, text in enumerate(TEXTS):
        torch.testing.assert_close(model.text_vectors([text])[0], texts[row], atol=1e-5, rtol=0)
    clips = speech([0.9, 0.4, 0.6])
    heard = model.speech_vectors(clips)
    assert heard.shape == (3, 32)
    for row in range(3):
        torch.testing.assert_close(model.speech_vectors(alone(clips, row))[0], heard[row], atol=1e-5, rtol=0)


@torch.no_grad()
def test_no_text_empty_texts_and_long_ones(tokenizer):
    model = build(tokenizer, positions=6).eval()
    assert model.text_vectors([]).shape == (0, 32)
    both = model.text_vectors(["", TEXTS[0]])
    assert torch.equal(both[0], torch.zeros(32))
    torch.testing.assert_close(model.text_vectors([TEXTS[0] + " and more of it"])[0], both[1], atol=1e-5, rtol=0)


def test_random_weights_need_a_tokenizer():
    with pytest.raises(BackboneError, match=r"set model\.init_args\.tokenizer"):
        SpeechTextAlignment(HUBERT, QFormerSettings(), None)


def test_speech_finds_its_caption_once_trained(tokenizer):
    model = build(tokenizer).train()
    clips, classes = speech([0.5, 0.5, 0.5, 0.5]), torch.arange(4)
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=2e-3)
    for _ in range(60):
        loss = caption_contrast(
            model.speech_vectors(clips), model.text_vectors(TEXTS), classes, CaptionContrastConfig()
        )
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        similarity = torch.cosine_similarity(
            model.speech_vectors(clips)[:, None], model.text_vectors(TEXTS)[None], dim=2
        )
    assert similarity.argmax(1).tolist() == [0, 1, 2, 3]
