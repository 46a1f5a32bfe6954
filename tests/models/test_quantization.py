import sys

import pytest
import torch

from c2ser_lightning.models.backbone import BackboneError
from c2ser_lightning.models.language_model import LanguageModel, LanguageModelSettings
from c2ser_lightning.models.quantization import require_bitsandbytes
from tests.tiny import language_model_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return language_model_folder(tmp_path_factory.mktemp("lm"), [f"word {number}" for number in range(40)])


def load(folder, quantization=None) -> LanguageModel:
    torch.manual_seed(0)
    return LanguageModel(LanguageModelSettings(str(folder), dtype="float32", quantization=quantization)).eval()


@torch.no_grad()
@pytest.mark.filterwarnings("ignore:MatMul8bitLt")
@pytest.mark.parametrize(("quantization", "share", "error"), [("nf4", 0.2, 0.2), ("int8", 0.3, 0.03)])
def test_frozen_layers_shrink_and_compute_nearly_the_same(folder, quantization, share, error):
    plain, small = load(folder), load(folder, quantization)

    def layer_bytes(model: LanguageModel) -> int:
        layers = model.causal.get_base_model().model.layers
        return sum(weight.nbytes for name, weight in layers.named_parameters() if "proj" in name and "lora" not in name)

    assert layer_bytes(small) < share * layer_bytes(plain)
    embeddings = torch.randn(2, 7, plain.width)
    expected = plain.causal(inputs_embeds=embeddings).logits
    distance = (small.causal(inputs_embeds=embeddings).logits - expected).norm() / expected.norm()
    assert 0 < distance < error


def test_random_weights_are_not_quantised(folder):
    with pytest.raises(BackboneError, match=r"needs weights to quantise: set language_model\.source"):
        LanguageModel(LanguageModelSettings(source=None, tokenizer=str(folder), quantization="nf4"))


def test_without_bitsandbytes_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(BackboneError, match=r"optimizer\.name: adamw8bit needs bitsandbytes: pip install .*\[qlora\]"):
        require_bitsandbytes("optimizer.name: adamw8bit")
