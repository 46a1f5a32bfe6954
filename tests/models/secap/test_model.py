"""SECap with a tiny real LLaMA and a tiny Qwen2: transformers' own loss, and the same answers in any batch."""

import pytest
import torch

from c2ser_lightning.models.language_model import LanguageModelSettings, LoraSettings
from c2ser_lightning.models.limits import ContextError
from c2ser_lightning.models.secap.hubert import HubertSettings
from c2ser_lightning.models.secap.model import SECapModel
from c2ser_lightning.models.secap.qformer import QFormerSettings
from c2ser_lightning.text.prompts import PromptSettings
from tests.tiny import alone, hubert_folder, language_model_folder, llama_folder, speech

CAPTIONS = ["Spoken slowly. The emotion is sadness.", "A loud voice, anger.", "Calm and even.", "High, fast: joy!"]
QUESTION = "Describe in one sentence how the speaker talks and feels:"
PROMPTS = {
    "llama": PromptSettings(explicit=QUESTION, layout="speech_first"),
    "qwen2": PromptSettings(explicit=QUESTION, layout="speech_first", begin="", end="<|endoftext|>"),
}
SECONDS = [1.0, 0.33, 0.71, 0.5]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("backbones")
    texts = [QUESTION, *CAPTIONS] * 5
    hubert_folder(made / "hubert")
    llama_folder(made / "llama", texts)
    language_model_folder(made / "qwen2", texts)
    return made


def build(folder, kind: str, lora: bool = False) -> SECapModel:
    torch.manual_seed(0)
    model = SECapModel(
        HubertSettings(source=str(folder / "hubert")),
        QFormerSettings(queries=4, width=32, layers=2, heads=4, ffn=64),
        LanguageModelSettings(
            source=str(folder / kind), dtype="float32", lora=LoraSettings(dropout=0.0) if lora else None
        ),
    )
    for name, weight in model.named_parameters():  # so that the speech is heard through random weights
        if ("crossattention" in name and weight.ndim > 1) or name.startswith(
            ("projection.w", "bridge.qformer.frames.w")
        ):
            torch.nn.init.normal_(weight, std=0.3)
    return model.eval()


@pytest.fixture(scope="module", params=["llama", "qwen2"])
def system(request, folder):
    return build(folder, request.param), PROMPTS[request.param].turn("explicit")


@torch.no_grad()
def test_the_loss_is_that_of_transformers_on_the_published_order(system):
    """Begin mark, the queries' vectors, question, caption, end mark; labels on caption and end mark only."""
    model, turn = system
    clip = alone(speech(SECONDS), 0)
    encode, embed = model.language_model.encode, model.language_model.embed
    before, after, answer = encode(turn.before), encode(turn.after), encode(CAPTIONS[0] + turn.end)
    vectors, counts = model.perceive(clip)
    assert vectors.shape == (1, 4, 32)
    assert counts == [4]
    text = [embed(torch.tensor([ids], dtype=torch.long)) for ids in (before, after + answer)]
    labels = torch.tensor([[-100] * (len(before) + 4 + len(after)) + answer])
    embeddings = torch.cat([text[0], vectors, text[1]], dim=1)
    expected = model.language_model.causal(inputs_embeds=embeddings, labels=labels).loss
    found = model.answer_loss(clip, [turn], [CAPTIONS[0]])
    torch.testing.assert_close(found.loss, expected, atol=1e-5, rtol=0)
    assert found.tokens == len(answer)
    assert encode(turn.end) == [answer[-1]]


@torch.no_grad()
def test_features_losses_and_answers_do_not_depend_on_the_batch(system):
    model, turn = system
    whole = speech(SECONDS)
    together, _ = model.perceive(whole)
    for row in range(4):
        torch.testing.assert_close(model.perceive(alone(whole, row))[0][0], together[row], atol=1e-4, rtol=0)
    assert (together[0] - together[1]).abs().max() > 1e-2
    losses = [model.answer_loss(alone(whole, row), [turn], [CAPTIONS[row]]) for row in range(4)]
    mean = sum(part.loss.item() * part.tokens for part in losses) / sum(part.tokens for part in losses)
    assert model.answer_loss(whole, [turn] * 4, CAPTIONS).loss.item() == pytest.approx(mean, abs=1e-4)
    answers = model.generate(whole, turn, max_new_tokens=12)
    assert answers == [model.generate(alone(whole, row), turn, max_new_tokens=12)[0] for row in range(4)]
    scores = model.score(whole, turn, CAPTIONS)
    for row in range(4):
        torch.testing.assert_close(model.score(alone(whole, row), turn, CAPTIONS)[0], scores[row], atol=1e-3, rtol=0)
    candidate = model.answer_loss(alone(whole, 1), [turn], [CAPTIONS[2]])
    assert scores[1, 2].item() == pytest.approx(-candidate.loss.item() * candidate.tokens, abs=1e-3)


def test_positions_are_counted_ahead(system):
    model, turn = system
    counted = model.sequence_tokens([16_000, 200_000], turn, CAPTIONS[:2])
    texts = [turn.before, turn.after, turn.end]
    around = sum(len(model.language_model.encode(text)) for text in texts)
    assert counted == [around + 4 + len(model.language_model.encode(text)) for text in CAPTIONS[:2]]


def test_only_bridge_and_projection_learn(folder):
    model = build(folder, "llama").train()
    turn = PROMPTS["llama"].turn("explicit")
    model.answer_loss(speech(SECONDS), [turn] * 4, CAPTIONS).loss.backward()
    learning = {name for name, weight in model.named_parameters() if weight.requires_grad}
    assert {name.split(".")[0] for name in learning} == {"bridge", "projection"}
    assert not any("hubert" in name for name in learning)
    unmoved = [n for n, weight in model.named_parameters() if n in learning and weight.grad is None]
    assert not unmoved
    assert not any(module.training for module in model.bridge.hubert.modules())
    with_lora = build(folder, "llama", lora=True)
    assert any("lora_A" in name for name, weight in with_lora.named_parameters() if weight.requires_grad)


def test_a_handful_of_utterances_is_learned_by_heart(folder):
    model, turn = build(folder, "llama").train(), PROMPTS["llama"].turn("explicit")
    clips = speech(SECONDS)
    optimizer = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=1e-2)
    losses = []
    for _ in range(60):
        loss = model.answer_loss(clips, [turn] * 4, CAPTIONS).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.75 * losses[0]


def test_a_question_longer_than_the_context_is_refused(folder):
    model = build(folder, "llama")
    turn = PromptSettings(explicit="too long " * 600, layout="speech_first").turn("explicit")
    with pytest.raises(ContextError, match="512"):
        model.generate(speech([0.5]), turn, max_new_tokens=1)
