"""The endpoint teacher against a real server on loopback, through everything that goes wrong on the wire."""

import json
import time
from dataclasses import replace

import pytest

from tests.shards import record
from tests.tools.teachers.chat_server import chat_server, completion, failure
from tools.teachers.checker import check_explicit
from tools.teachers.cot import write_cot
from tools.teachers.endpoint import FAILURES_IN_A_ROW, EndpointTeacher
from tools.teachers.exchange import Message, Request, TeacherError
from tools.teachers.report import Prices
from tools.teachers.settings import EndpointSettings, SamplingSettings, TeacherSettings

RECORDS = [replace(record(number, 1.0), transcript=f"spoken words number {number}") for number in range(12)]


@pytest.fixture
def server():
    with chat_server(RECORDS) as (script, url):
        yield script, url


def settings(url, **changes):
    quick = {"url": url, "first_delay": 0.01, "longest_delay": 0.05, "concurrency": 4, "timeout": 5.0}
    return TeacherSettings(
        name="endpoint", model="toy", prices=Prices(1.0, 10.0), endpoint=EndpointSettings(**(quick | changes))
    )


def write(server, tmp_path, records=RECORDS, **changes):
    return write_cot(records, settings(server[1], **changes), tmp_path / "teacher")


def first_time(reply, explicit_only=True):
    """Give this reply to the first sending of each explicit question."""

    def behave(script, body, number):
        is_explicit = "spoken words" in body["messages"][0]["content"]
        seen = script.calls[json.dumps(body["messages"])] if is_explicit or not explicit_only else 2
        return reply if seen == 1 and len(body["messages"]) == 1 else None

    return behave


def test_good_answers_are_taken_in_order_with_tokens_and_cost(server, tmp_path):
    records, report = write(server, tmp_path)
    assert [item.key for item in records] == [item.key for item in RECORDS]
    for item in records:
        assert check_explicit(item.explicit, item, "en") == []
        assert item.implicit == f"The speaker sounds full of {item.emotion}."
    assert (report.answers, report.prompt_tokens, report.completion_tokens) == (24, 2400, 480)
    assert report.paid == pytest.approx((2400 * 1.0 + 480 * 10.0) / 1e6)
    assert report.kind("explicit").acceptance == 1.0
    assert server[0].most_flying <= 4


def test_the_body_holds_model_sampling_and_extra_fields(server, tmp_path, monkeypatch):
    monkeypatch.setenv("MY_KEY", "s3cret")
    sampling = SamplingSettings(temperature=0.5, top_p=0.9, max_tokens=77)
    chosen = settings(server[1], key_variable="MY_KEY", extra='{"max_tokens": null, "max_completion_tokens": 9}')
    write_cot(RECORDS[:1], replace(chosen, sampling=sampling), tmp_path / "teacher")
    body = server[0].bodies[0]
    assert body["model"] == "toy"
    assert (body["temperature"], body["top_p"], body["max_completion_tokens"]) == (0.5, 0.9, 9)
    assert "max_tokens" not in body
    assert len({sent["seed"] for sent in server[0].bodies}) == 2
    assert server[0].headers[0]["authorization"] == "Bearer s3cret"
    written = "".join(path.read_text() for path in (tmp_path / "teacher").iterdir())
    assert "s3cret" not in written


@pytest.mark.parametrize(
    "reply",
    [
        failure(500),
        failure(503),
        failure(429),
        (200, {}, b'{"choices": [{"mess'),
        (200, {}, b'{"choices": []}'),
        (200, {}, b"[]"),
        (200, {}, b"\xff\xfe"),
        "drop",
    ],
    ids=["500", "503", "429", "torn json", "no choice", "a list", "no text", "dropped connection"],
)
def test_what_passes_is_tried_again(reply, server, tmp_path):
    server[0].behaviour = first_time(reply)
    records, report = write(server, tmp_path)
    assert report.kind("explicit").accepted_first == len(RECORDS)
    assert report.resent == len(RECORDS)
    assert all(check_explicit(item.explicit, item, "en") == [] for item in records)


def test_retry_after_is_obeyed_by_all_requests(server, tmp_path):
    pauses = []

    def behave(script, body, number):
        if number == 0:
            pauses.append(time.monotonic())
            return failure(429, **{"retry-after": "3"})
        if number > 3:
            pauses.append(time.monotonic())
        else:
            time.sleep(1.5)  # so that the refusal is read before the next request is free to go
        return None

    server[0].behaviour = behave
    _, report = write(server, tmp_path, RECORDS[:4])
    assert pauses[1] - pauses[0] >= 2.9
    assert report.resent == 1


def test_a_hanging_answer_times_out_and_is_tried_again(server, tmp_path):
    def behave(script, body, number):
        if number == 0:
            time.sleep(3.0)

    server[0].behaviour = behave
    _, report = write(server, tmp_path, RECORDS[:2], timeout=1.5)
    assert report.resent == 1
    assert report.kind("explicit").acceptance == 1.0


def test_a_truncated_answer_is_complained_of(server, tmp_path):
    server[0].behaviour = first_time(completion("The speaker spoke with a", "length"))
    _, report = write(server, tmp_path)
    assert report.kind("explicit").accepted_later == len(RECORDS)
    assert report.kind("explicit").objections == {"truncated": len(RECORDS)}
    last = next(body["messages"] for body in server[0].bodies if len(body["messages"]) == 3)
    assert last[1] == {"role": "assistant", "content": "The speaker spoke with a"}
    assert "cut off" in last[2]["content"]


def test_a_wrong_answer_is_told_what_is_wrong_with_it(server, tmp_path):
    wrong = 'With a fast pace, a high pitch and moderate volume: "spoken words number 3". The emotion is fear.'
    server[0].behaviour = first_time(completion(wrong))
    records, report = write(server, tmp_path, RECORDS[3:4])
    told = next(body["messages"][2]["content"] for body in server[0].bodies if len(body["messages"]) == 3)
    assert "another pitch than the measured low pitch" in told
    assert "another emotion than sadness" in told
    assert report.kind("explicit").accepted_later == 1
    assert check_explicit(records[0].explicit, records[0], "en") == []


def test_a_stubborn_teacher_falls_back_to_the_template_and_is_reported(server, tmp_path):
    server[0].behaviour = lambda script, body, number: completion("I like this recording.")
    records, report = write(server, tmp_path, RECORDS[:3])
    assert all(check_explicit(item.explicit, item, "en") == [] for item in records)
    assert (report.kind("explicit").fallbacks, report.kind("implicit").fallbacks) == (3, 3)
    assert report.answers == 3 * 2 * 3
    assert "0.0% of 3 accepted" in "\n".join(report.lines())
    lines = (tmp_path / "teacher" / "fallbacks.jsonl").read_text().splitlines()
    assert len(lines) == 6
    assert "transcript_missing" in lines[0]


def test_one_refused_request_falls_back_without_another_try(server, tmp_path):
    server[0].behaviour = first_time(failure(400))
    _, report = write(server, tmp_path, RECORDS[:2])
    assert report.kind("explicit").fallbacks == 2
    assert report.kind("explicit").objections == {"no_answer": 2}
    assert report.resent == 0
    assert "status 400" in (tmp_path / "teacher" / "fallbacks.jsonl").read_text()


@pytest.mark.parametrize(("status", "why"), [(401, "does not accept the key"), (404, "no such address or model")])
def test_a_hopeless_endpoint_stops_the_run_at_once(status, why, server, tmp_path):
    server[0].behaviour = lambda script, body, number: failure(status)
    with pytest.raises(TeacherError, match=why):
        write(server, tmp_path)
    assert len(server[0].bodies) <= 8


def test_an_endpoint_that_stops_answering_ends_the_run_but_keeps_what_is_finished(server, tmp_path):
    server[0].behaviour = lambda script, body, number: failure(500) if number >= 10 else None
    many = [replace(item, key=f"k{number}") for number, item in enumerate(RECORDS * 3)]
    with pytest.raises(TeacherError, match=f"{FAILURES_IN_A_ROW} requests in a row failed, last: status 500"):
        write(server, tmp_path, many, tries=2)
    assert len((tmp_path / "teacher" / "answers.jsonl").read_text().splitlines()) == 10
    server[0].behaviour = lambda script, body, number: None
    before = len(server[0].bodies)
    _, report = write(server, tmp_path, many)
    assert report.from_journal == 10
    assert len(server[0].bodies) - before == 2 * len(many) - 10


def test_many_refusals_with_answers_between_them_do_not_end_the_run(server, tmp_path):
    server[0].behaviour = first_time(failure(400))
    many = [replace(RECORDS[0], key=f"k{number}", transcript=f"spoken words {number}") for number in range(25)]
    _, report = write(server, tmp_path, many, concurrency=1)
    assert report.kind("explicit").fallbacks == 25 > FAILURES_IN_A_ROW
    assert report.kind("implicit").acceptance == 1.0


def test_nobody_listens(tmp_path):
    chosen = settings("http://127.0.0.1:9/v1", tries=2)
    many = [replace(item, key=f"k{number}") for number, item in enumerate(RECORDS * 3)]
    with pytest.raises(TeacherError, match="ConnectError"):
        write_cot(many, chosen, tmp_path / "teacher")


def test_a_second_run_asks_nothing_and_gives_the_same(server, tmp_path):
    first, report = write(server, tmp_path)
    asked = len(server[0].bodies)
    again, resumed = write(server, tmp_path)
    assert (again, len(server[0].bodies)) == (first, asked)
    assert resumed.summary() == report.summary()
    assert resumed.paid == 0
    assert resumed.from_journal == 24


@pytest.mark.parametrize(
    ("changes", "message"),
    [({"url": "localhost:8000"}, "no address"), ({"extra": "[1]"}, "no JSON object"), ({"extra": "{"}, "is no JSON")],
)
def test_wrong_settings_are_named(changes, message):
    with pytest.raises(TeacherError, match=message):
        EndpointTeacher("toy", EndpointSettings(**({"url": "http://x/v1"} | changes)), SamplingSettings())


def test_parts_bound_what_is_held_and_change_nothing(server, tmp_path):
    whole, _ = write(server, tmp_path)
    parts, _ = write_cot(iter(RECORDS), replace(settings(server[1]), part=5), tmp_path / "other")
    assert parts == whole


def test_the_digest_names_utterance_words_and_teacher():
    request = Request("toy/a", (Message("user", "x"),))
    others = [
        Request("toy/b", request.messages),
        Request("toy/a", (Message("user", "y"),)),
        request.followed_by("p", "q"),
    ]
    assert len({item.digest("m") for item in (request, *others)} | {request.digest("n")}) == 5
