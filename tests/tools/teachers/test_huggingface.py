"""The local teacher with a real, tiny Qwen2 chat model: batching, padding and seeds must not change an answer."""

import pytest
import torch
from transformers import AutoTokenizer, Qwen2ForCausalLM

from tests.shards import record
from tests.tiny import language_model_folder
from tools.teachers.checker import check_explicit
from tools.teachers.cot import write_cot
from tools.teachers.exchange import Message, Request, TeacherError
from tools.teachers.huggingface import HuggingFaceTeacher
from tools.teachers.sampling import SeededSampling, nucleus
from tools.teachers.settings import HuggingFaceSettings, SamplingSettings, TeacherSettings

CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
REQUESTS = [
    Request(f"toy/{number}", (Message("user", "say " + "low pitch and more " * number),)) for number in range(5)
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = language_model_folder(tmp_path_factory.mktemp("chat"), ["say low pitch and more words<|im_end|>"] * 4)
    tokenizer = AutoTokenizer.from_pretrained(made)
    tokenizer.chat_template = CHAT
    tokenizer.save_pretrained(made)
    return made


def teacher(folder, batch_size=4, **sampling):
    settings = HuggingFaceSettings(batch_size=batch_size, device="cpu", dtype="float32")
    return HuggingFaceTeacher(str(folder), settings, SamplingSettings(**({"max_tokens": 12} | sampling)))


def answers(folder, **settings):
    return {request.utterance: answer for request, answer in teacher(folder, **settings).answer(REQUESTS)}


def greedy_by_hand(folder, request):
    """One token at a time, alone and without a cache."""
    tokenizer, model = AutoTokenizer.from_pretrained(folder), Qwen2ForCausalLM.from_pretrained(folder).eval()
    text = f"<|im_start|>user\n{request.messages[0].content}<|im_end|>\n<|im_start|>assistant\n"
    tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
    written = []
    ends = {tokenizer.convert_tokens_to_ids("<|im_end|>"), tokenizer.eos_token_id}
    while len(written) < 12 and not ends & set(written):
        with torch.no_grad():
            logits = model(torch.tensor([tokens + written])).logits
        written.append(int(logits[0, -1].argmax()))
    return tokenizer.decode([token for token in written if token not in ends], skip_special_tokens=True), len(tokens)


def test_greedy_answers_of_a_padded_batch_are_those_of_a_naive_loop(folder):
    batched = answers(folder)
    for request in REQUESTS:
        text, read = greedy_by_hand(folder, request)
        assert (batched[request.utterance].text, batched[request.utterance].prompt_tokens) == (text, read)


@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_the_batch_size_changes_nothing(folder, temperature):
    alone = answers(folder, batch_size=1, temperature=temperature)
    assert answers(folder, batch_size=4, temperature=temperature) == alone
    assert answers(folder, batch_size=3, temperature=temperature) == alone


def test_the_seed_and_the_utterance_decide_what_is_sampled(folder):
    first = answers(folder, temperature=3.0)
    assert answers(folder, temperature=3.0) == first
    assert answers(folder, temperature=3.0, seed=1) != first
    same_words = [Request(f"toy/{number}", (Message("user", "say"),)) for number in range(6)]
    texts = {answer.text for _, answer in teacher(folder, temperature=3.0).answer(same_words)}
    assert len(texts) > 1


def test_a_cut_answer_says_so(folder):
    assert {answer.finish for answer in answers(folder, temperature=5.0, max_tokens=2).values()} == {"length"}
    assert all(answer.completion_tokens == 2 for answer in answers(folder, temperature=5.0, max_tokens=2).values())


def test_sampled_tokens_follow_the_distribution():
    logits = torch.tensor([[2.0, 1.0, 0.0, -1.0]]).expand(20_000, 4)
    processor = SeededSampling(SamplingSettings(temperature=2.0), list(range(20_000)), torch.device("cpu"))
    drawn = processor(torch.empty(20_000, 0), logits).argmax(dim=-1)
    shares = torch.bincount(drawn, minlength=4) / 20_000
    torch.testing.assert_close(shares, torch.softmax(logits[0] / 2.0, dim=-1), atol=0.012, rtol=0)


def test_the_nucleus_holds_the_likeliest_tokens_that_reach_top_p():
    log_probabilities = torch.tensor([[0.1, 0.5, 0.15, 0.25]]).log()
    assert torch.isfinite(nucleus(log_probabilities, 0.7)).tolist() == [[False, True, False, True]]
    assert torch.isfinite(nucleus(log_probabilities, 0.76)).tolist() == [[False, True, True, True]]
    assert torch.isfinite(nucleus(log_probabilities, 0.01)).tolist() == [[False, True, False, False]]
    assert torch.equal(nucleus(log_probabilities, 1.0), log_probabilities)


def test_a_corpus_is_written_with_the_fallback_where_the_model_babbles(folder, tmp_path):
    records = [record(number, 1.0) for number in range(4)]
    local = HuggingFaceSettings(batch_size=4, device="cpu", dtype="float32")
    sampling = SamplingSettings(max_tokens=8)
    settings = TeacherSettings("huggingface", str(folder), attempts=2, huggingface=local, sampling=sampling)
    made, report = write_cot(records, settings, tmp_path)
    assert all(check_explicit(item.explicit, item, "en") == [] for item in made)
    assert report.kind("explicit").fallbacks == 4
    again, resumed = write_cot(records, settings, tmp_path)
    assert (again, resumed.summary(), resumed.paid_completion_tokens) == (made, report.summary(), 0)


def test_identity_follows_the_weights_and_the_sampling(folder, tmp_path):
    moved = tmp_path / "elsewhere" / folder.name
    moved.parent.mkdir()
    moved.symlink_to(folder)
    assert teacher(moved).identity == teacher(folder).identity
    assert teacher(folder, temperature=0.5).identity != teacher(folder).identity


def test_a_model_that_is_not_there_and_one_that_cannot_chat_are_named(folder, tmp_path):
    with pytest.raises(TeacherError, match="no such folder"):
        teacher(tmp_path / "gone")
    plain = language_model_folder(tmp_path / "plain", ["no chat here"] * 4)
    with pytest.raises(TeacherError, match="no chat template"):
        next(iter(teacher(plain).answer(REQUESTS[:1])))
