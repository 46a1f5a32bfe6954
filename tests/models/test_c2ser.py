"""C2SER with tiny real backbones: the loss against transformers' own, batch invariance, and the ablations."""

from dataclasses import replace

import pytest
import torch

from c2ser_lightning.models.c2ser import C2SER, AcousticSettings
from c2ser_lightning.models.connector import ConnectorSettings
from c2ser_lightning.models.emotion2vec.load import Emotion2VecSource
from c2ser_lightning.models.feature_cache import FeatureCache
from c2ser_lightning.models.label_tree import distinct_beginnings
from c2ser_lightning.models.language_model import LanguageModelSettings, LoraSettings
from c2ser_lightning.models.spec_augment import SpecAugmentSettings
from c2ser_lightning.models.speech import Speech
from c2ser_lightning.models.whisper import WhisperSettings
from c2ser_lightning.text.prompts import PromptSettings
from tests.tiny import batch, emotion2vec_config, language_model_folder

TEXTS = [f'The speaker spoke fast: "word {number}". The emotion was inferred to be anger.' for number in range(40)]
PROMPTS = PromptSettings(system="")
ACOUSTIC = AcousticSettings(Emotion2VecSource(random_config=emotion2vec_config()))
WHISPER = WhisperSettings(source=None, width=48, layers=1, heads=4, ffn=64)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return language_model_folder(tmp_path_factory.mktemp("lm"), [PROMPTS.turn("explicit").after + t for t in TEXTS])


def build(folder, whisper=WHISPER, acoustic=ACOUSTIC, compile_layers=False) -> C2SER:
    torch.manual_seed(0)
    lora = LoraSettings(dropout=0.0)
    settings = LanguageModelSettings(source=str(folder), lora=lora, dtype="float32", compile=compile_layers)
    model = C2SER(whisper, acoustic, ConnectorSettings(layers=1, ffn=64, dropout=0.0), settings)
    for name, weight in model.language_model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.05)
    return model.eval()


@pytest.fixture(scope="module")
def model(folder):
    return build(folder)


def speech(seconds: list[float]) -> Speech:
    made = batch(seconds)
    return Speech(made.waveforms, made.padding_mask, made.lengths)


def one(whole: Speech, row: int) -> Speech:
    length = whole.lengths[row]
    return Speech(whole.waveforms[row : row + 1, :length], whole.padding_mask[row : row + 1, :length], [length])


SECONDS = [1.0, 0.33, 0.71, 0.5, 0.96, 0.41, 0.62, 0.87]


@torch.no_grad()
def test_the_loss_of_eight_is_the_token_mean_of_eight_losses_alone(model):
    whole = speech(SECONDS)
    turns = [PROMPTS.turn("explicit" if row % 2 else "implicit") for row in range(8)]
    together = model.answer_loss(whole, turns, TEXTS[:8])
    alone = [model.answer_loss(one(whole, row), [turns[row]], [TEXTS[row]]) for row in range(8)]
    expected = sum(float(part.loss) * part.tokens for part in alone) / sum(part.tokens for part in alone)
    assert together.tokens == sum(part.tokens for part in alone)
    assert float(together.loss) == pytest.approx(expected, abs=1e-4)
    assert together.padding_share > 0


@torch.no_grad()
def test_generated_answers_do_not_depend_on_the_batch(model):
    whole, turn = speech(SECONDS), PROMPTS.turn("explicit")
    together = model.generate(whole, turn, max_new_tokens=12)
    assert together == [model.generate(one(whole, row), turn, max_new_tokens=12)[0] for row in range(8)]


@torch.no_grad()
def test_scores_do_not_depend_on_the_batch(model):
    whole, turn = speech(SECONDS), PROMPTS.turn("implicit")
    answers = ["This speech conveys anger.", "This speech conveys fear.", "Neutral."]
    together = model.score(whole, turn, answers)
    for row in range(8):
        torch.testing.assert_close(model.score(one(whole, row), turn, answers)[0], together[row], atol=1e-3, rtol=0)


@torch.no_grad()
def test_beams_do_not_depend_on_the_batch_and_one_beam_is_greedy(model):
    whole, turn = speech(SECONDS[:4]), PROMPTS.turn("explicit")
    together = model.generate(whole, turn, max_new_tokens=6, beams=3)
    assert together == [model.generate(one(whole, row), turn, max_new_tokens=6, beams=3)[0] for row in range(4)]
    assert together != model.generate(whole, turn, max_new_tokens=6)


@torch.no_grad()
def test_an_answer_stops_at_the_end_token_of_its_own(model, monkeypatch):
    """The most likely first token of one utterance is declared to be the end: that answer is empty, others go on."""
    whole, turn = speech(SECONDS), PROMPTS.turn("explicit")
    firsts = [model.generate(one(whole, row), turn, max_new_tokens=1)[0] for row in range(8)]
    (end,) = model.language_model.encode(turn.end)
    decode = model.language_model.tokenizer.batch_decode
    raw = []
    monkeypatch.setattr(model.language_model.tokenizer, "batch_decode", lambda t, **o: raw.append(t) or decode(t, **o))
    model.generate(whole, turn, max_new_tokens=4)
    stop = int(raw[-1][0, 0])
    monkeypatch.setattr("c2ser_lightning.models.language_model.end_token", lambda tokenizer, text: stop)
    model.generate(whole, turn, max_new_tokens=4)
    for row in raw[-1].tolist():
        after = row[row.index(stop) :] if stop in row else []
        assert set(after) <= {stop}
    assert raw[-1][0].tolist().count(stop) == raw[-1].shape[1]
    assert len(firsts) == 8
    assert end != stop


@torch.no_grad()
@pytest.mark.parametrize("per_token", [False, True])
def test_beginnings_score_what_their_tokens_have_alone(model, per_token):
    """The tree against one candidate at a time, token by token, each appended to the prompt by itself."""
    whole, turn = speech([0.8, 0.5]), PROMPTS.turn("implicit")
    answers = ["This speech conveys anger.", "This speech conveys fear.", "Fear.", "Fear. And anger."]
    encode = model.language_model.encode
    cut = distinct_beginnings([encode(answer + turn.end) for answer in answers])
    scores = model.score(whole, turn, answers, per_token=per_token, whole=False)
    vectors, counts = model.perceive(whole)
    for row in range(2):
        before, after = encode(turn.before), encode(turn.after)
        for column, ids in enumerate(cut):
            embed = model.language_model.embed
            prompt = [embed(torch.tensor([before])), vectors[row : row + 1, : counts[row]]]
            hidden = torch.cat([*prompt, embed(torch.tensor([after + ids]))], dim=1)
            logs = model.language_model.causal(inputs_embeds=hidden).logits[0].log_softmax(-1)
            expected = sum(float(logs[n - len(ids) - 1, token]) for n, token in enumerate(ids))
            assert float(scores[row, column]) == pytest.approx(expected / (len(ids) if per_token else 1), abs=1e-3)


@torch.no_grad()
def test_a_score_is_minus_the_summed_answer_loss(model):
    """The cached, left-padded scoring path against the plain, right-padded training path."""
    whole, turn = speech([0.8, 0.5]), PROMPTS.turn("implicit")
    answers = ["This speech conveys anger.", "Fear."]
    scores = model.score(whole, turn, answers)
    for row in range(2):
        for column, answer in enumerate(answers):
            loss = model.answer_loss(one(whole, row), [turn], [answer])
            assert float(scores[row, column]) == pytest.approx(-float(loss.loss) * loss.tokens, abs=1e-3)


@torch.no_grad()
def test_selecting_label_rows_equals_the_loss_of_transformers(model):
    """Project every position and let transformers shift and mask: the plain path."""
    whole, turn = speech([0.8, 0.5]), PROMPTS.turn("explicit")
    vectors, counts = model.perceive(whole)
    encode = model.language_model.encode
    losses = []
    for row, answer in enumerate(TEXTS[:2]):
        before, after, ids = encode(turn.before), encode(turn.after), encode(answer + turn.end)
        embed = model.language_model.embed
        parts = [
            embed(torch.tensor([before])),
            vectors[row : row + 1, : counts[row]],
            embed(torch.tensor([after + ids])),
        ]
        labels = torch.tensor([[-100] * (len(before) + counts[row] + len(after)) + ids])
        output = model.language_model.causal(inputs_embeds=torch.cat(parts, dim=1), labels=labels)
        losses.append((float(output.loss), len(ids)))
    expected = sum(loss * count for loss, count in losses) / sum(count for _, count in losses)
    assert float(model.answer_loss(whole, [turn] * 2, TEXTS[:2]).loss) == pytest.approx(expected, abs=1e-4)


@torch.no_grad()
def test_perceived_speech_is_framed_by_marks_and_counted_on_the_host(model):
    whole = speech([0.8, 0.5])
    vectors, counts = model.perceive(whole)
    assert counts == [2 + 10 + -(-40 // 4), 2 + 10 + -(-25 // 4)]
    for row, count in enumerate(counts):
        torch.testing.assert_close(vectors[row, 0], model.speech_marks[0])
        torch.testing.assert_close(vectors[row, count - 1], model.speech_marks[1])


def test_only_lora_connector_and_marks_are_trained(model):
    trained = {name.split(".")[0] for name, weight in model.named_parameters() if weight.requires_grad}
    assert trained == {"connector", "speech_marks", "language_model"}
    language = {n for n, w in model.language_model.named_parameters() if w.requires_grad}
    assert language
    assert all("lora_" in name for name in language)


def test_the_frozen_encoder_stays_in_eval_mode(model):
    model.train()
    assert not any(part.training for part in (model.acoustic, model.whisper.encoder))
    model.eval()


@torch.no_grad()
@pytest.mark.parametrize(("whisper", "acoustic"), [(None, ACOUSTIC), (WHISPER, None)])
def test_ablations_run_with_the_same_host_counts(folder, whisper, acoustic):
    model = build(folder, whisper, acoustic)
    vectors, counts = model.perceive(speech([0.8, 0.5]))
    assert max(counts) == vectors.shape[1]
    assert model.answer_loss(speech([0.8, 0.5]), [PROMPTS.turn("implicit")] * 2, TEXTS[:2]).loss.isfinite()


@torch.no_grad()
def test_a_cache_changes_nothing_but_how_often_frozen_encoders_are_asked(folder):
    plain, cached = build(folder), build(folder)
    cached.caches = {name: FeatureCache(1) for name in cached.caches}
    whole, turn = speech(SECONDS), PROMPTS.turn("explicit")
    named = replace(whole, keys=[f"demo/{row}" for row in range(8)])
    expected = plain.answer_loss(whole, [turn] * 8, TEXTS[:8]).loss
    torch.testing.assert_close(cached.answer_loss(named, [turn] * 8, TEXTS[:8]).loss, expected, atol=1e-5, rtol=0)
    cached.acoustic = cached.acoustic.apply(_break)
    shuffled = named.rows([5, 2, 7])
    alone = plain.answer_loss(replace(shuffled, keys=None), [turn] * 3, TEXTS[:3]).loss
    torch.testing.assert_close(cached.answer_loss(shuffled, [turn] * 3, TEXTS[:3]).loss, alone, atol=1e-4, rtol=0)


def _break(module):
    """Weights that would show in the loss if the encoder were asked again."""
    for weight in module.parameters(recurse=False):
        weight.fill_(float("nan"))


def test_a_trained_whisper_is_never_cached(folder):
    model = build(folder, whisper=replace(WHISPER, trainable=True)).train()
    model.caches = {name: FeatureCache(1) for name in model.caches}
    named = replace(speech(SECONDS[:2]), keys=["a", "b"])
    for _ in range(2):
        model.answer_loss(named, [PROMPTS.turn("implicit")] * 2, TEXTS[:2]).loss.backward()
    assert model.whisper.encoder.conv1.weight.grad.abs().sum() > 0
    assert model.caches["whisper"].size == 0
    assert model.caches["acoustic"].size > 0


@torch.no_grad()
def test_augmented_speech_is_never_cached_but_the_same_speech_is_in_testing(folder):
    model = build(folder, whisper=replace(WHISPER, augment=SpecAugmentSettings())).train()
    model.caches = {name: FeatureCache(1) for name in model.caches}
    named = replace(speech(SECONDS[:2]), keys=["a", "b"])
    first, second = (model.perceive(named)[0] for _ in range(2))
    assert (first != second).any()
    assert model.caches["whisper"].size == 0
    model.eval().perceive(named)
    assert model.caches["whisper"].size > 0


@pytest.mark.parametrize("width", [1, 400])
def test_packed_utterances_have_the_loss_and_gradients_of_separate_ones(folder, width):
    whole, turns = speech(SECONDS), [PROMPTS.turn("explicit" if row % 3 else "implicit") for row in range(8)]
    results = []
    for pack_width in (0, width):
        model = build(folder).eval()
        model.language_model.pack_width = pack_width
        answer = model.answer_loss(whole, turns, TEXTS[:8])
        answer.loss.backward()
        results.append((answer, {n: w.grad for n, w in model.named_parameters() if w.grad is not None}))
    (apart, expected), (packed, found) = results
    assert packed.tokens == apart.tokens
    torch.testing.assert_close(packed.loss, apart.loss, atol=1e-5, rtol=1e-5)
    assert found.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(found[name], gradient, atol=1e-5 + 1e-3 * float(gradient.abs().max()), rtol=0)


def test_compiled_layers_say_the_same_and_keep_their_names(folder, monkeypatch):
    compiled_layers = []
    compiling = torch.nn.Module.compile
    monkeypatch.setattr(
        torch.nn.Module, "compile", lambda layer: compiled_layers.append(layer) or compiling(layer, backend="eager")
    )
    plain, compiled = build(folder), build(folder, compile_layers=True)
    assert len(compiled_layers) == 2
    losses = [m.answer_loss(speech(SECONDS[:2]), [PROMPTS.turn("implicit")] * 2, TEXTS[:2]) for m in (plain, compiled)]
    torch.testing.assert_close(losses[1].loss, losses[0].loss, atol=1e-5, rtol=0)
    assert compiled.state_dict().keys() == plain.state_dict().keys()


def test_sequence_lengths_are_known_without_listening(model):
    whole, answers = speech(SECONDS), TEXTS[:8]
    _, counts = model.perceive(whole)
    for mode in ("explicit", "implicit"):
        turn = PROMPTS.turn(mode)
        rows = [
            model._row(turn, n, model.language_model.encode(a + turn.end)) for n, a in zip(counts, answers, strict=True)
        ]
        assert model.sequence_tokens(whole.lengths, turn, answers) == [row.length for row in rows]


@pytest.mark.parametrize("width", [0, 400])
@torch.no_grad()
def test_weights_reach_the_tokens_of_their_utterances_packed_or_not(folder, width):
    model, whole, turns = build(folder), speech(SECONDS[:3]), [PROMPTS.turn("explicit")] * 3
    model.language_model.pack_width = width
    texts = [TEXTS[0], TEXTS[1] + " And more words.", "Neutral."]
    alone = [model.answer_loss(one(whole, row), turns[:1], texts[row : row + 1]) for row in range(3)]
    weights = torch.tensor([0.0, 1.0, 3.0])
    scale = [float(weight) * part.tokens for weight, part in zip(weights, alone, strict=True)]
    expected = sum(share * float(part.loss) for share, part in zip(scale, alone, strict=True)) / sum(scale)
    found = model.answer_loss(whole, turns, texts, weights)
    assert float(found.loss) == pytest.approx(expected, abs=1e-4)
    plain = model.answer_loss(whole, turns, texts)
    assert float(model.answer_loss(whole, turns, texts, focal=2.0).loss) < float(plain.loss)
