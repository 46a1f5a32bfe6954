import json

import pytest

from tools import hash_index
from tools.teachers.exchange import Answer, Message, Request
from tools.teachers.journal import Journal


def digest(number: int) -> str:
    return Request(f"toy/{number}", (Message("user", "x"),)).digest("m")


def answer(number: int) -> Answer:
    return Answer(f"text {number} \u2028 ”\n{number}", "stop", number, 2 * number, resent=1, detail="d")


@pytest.mark.parametrize("merge_every", [65_536, 7])
def test_what_was_added_is_found_now_and_after_reopening(tmp_path, merge_every, monkeypatch):
    monkeypatch.setattr(hash_index, "MERGE_EVERY", merge_every)
    with Journal(tmp_path / "a" / "j.jsonl") as journal:
        for number in range(50):
            journal.add(digest(number), answer(number))
            assert journal.get(digest(number // 2)) == answer(number // 2)
        assert journal.get(digest(99)) is None
        assert len(journal) == 50
    with Journal(tmp_path / "a" / "j.jsonl") as journal:
        assert [journal.get(digest(number)) for number in range(50)] == [answer(number) for number in range(50)]
        assert (len(journal), journal.torn) == (50, 0)


def test_a_line_torn_at_any_byte_costs_that_line_alone(tmp_path):
    with Journal(tmp_path / "whole.jsonl") as journal:
        for number in range(3):
            journal.add(digest(number), answer(number))
    whole = (tmp_path / "whole.jsonl").read_bytes()
    last = len(b"".join(whole.splitlines(keepends=True)[:2]))
    for cut in range(last + 1, len(whole) - 1, 7):
        path = tmp_path / f"{cut}.jsonl"
        path.write_bytes(whole[:cut])
        with Journal(path) as journal:
            assert journal.torn == 1
            assert journal.get(digest(1)) == answer(1)
            assert journal.get(digest(2)) is None
            journal.add(digest(2), answer(2))
        with Journal(path) as journal:
            assert [journal.get(digest(number)) for number in range(3)] == [answer(number) for number in range(3)]


def test_a_last_line_that_only_lacks_its_line_break_counts(tmp_path):
    path = tmp_path / "j.jsonl"
    with Journal(path) as journal:
        journal.add(digest(0), answer(0))
    path.write_bytes(path.read_bytes()[:-1])
    with Journal(path) as journal:
        journal.add(digest(1), answer(1))
        assert [journal.get(digest(0)), journal.get(digest(1))] == [answer(0), answer(1)]
    assert len(path.read_text().splitlines()) == 2


def test_foreign_lines_are_passed_over(tmp_path):
    path = tmp_path / "j.jsonl"
    unknown_field = json.dumps({"request": digest(0), "colour": 1}).encode()
    path.write_bytes(b'\xff\n[1]\n{"request": "zz", "text": ""}\n' + unknown_field + b"\n")
    with Journal(path) as journal:
        assert (len(journal), journal.torn) == (0, 4)


def test_two_requests_with_the_same_first_half_are_told_apart(tmp_path):
    first, second = digest(0), digest(0)[:16] + "0" * 16
    with Journal(tmp_path / "j.jsonl") as journal:
        journal.add(first, answer(0))
        assert journal.get(second) is None


def test_lines_are_plain_json_that_other_programs_can_read(tmp_path):
    with Journal(tmp_path / "j.jsonl") as journal:
        journal.add(digest(0), answer(3))
    fields = json.loads((tmp_path / "j.jsonl").read_text())
    assert (fields["request"], fields["completion_tokens"]) == (digest(0), 6)
