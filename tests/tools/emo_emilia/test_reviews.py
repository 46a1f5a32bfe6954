"""Review files: both kinds are read alike, and every mistake is named with file and row."""

import json

import pytest

from tests.tools.emo_emilia.made import candidate, review_file
from tools.emo_emilia.candidate import EmiliaError, sheet_id
from tools.emo_emilia.reviews import read_review, read_reviews

FOUR = [candidate(number) for number in range(4)]
ANSWERS = ["anger", "unsure", "fear", "neutral"]


def csv_file(folder, lines):
    path = folder / "review_ann.csv"
    path.write_text("\ufeffsheet,reviewer,index,answer\r\n" + "\r\n".join(lines) + "\r\n", encoding="utf-8")
    return path


def csv_lines():
    return [f"{sheet_id(FOUR)},ann,{one.index},{answer}" for one, answer in zip(FOUR, ANSWERS, strict=True)]


def test_json_and_csv_are_read_alike(tmp_path):
    from_json = read_review(review_file(tmp_path, "ann", FOUR, ANSWERS), FOUR)
    from_csv = read_review(csv_file(tmp_path, csv_lines()), FOUR)
    assert from_json.answers == from_csv.answers
    assert list(from_json.answers.values()) == ["anger", None, "fear", "neutral"]
    assert from_json.reviewer == from_csv.reviewer == "ann"


@pytest.mark.parametrize(
    ("place", "old", "new", "message"),
    [
        (1, "unsure", "angre", r"review_ann.csv, row 3: answer 'angre'; did you mean 'anger'\?"),
        (2, "fear", "", r"row 4: ZH_B00001_S00002_W000001 has no answer, and so have 0 others; let ann finish"),
        (0, "ann", "bob", r"row 3: the reviewer is 'ann', in the first row it is 'bob'"),
        (1, "_S00001", "_S00077", r"row 3: 'EN_B00001_S00077_W000001' is no candidate; did you mean"),
        (3, "EN_B00001_S00003", "EN_B00001_S00001", r"row 5: EN_B00001_S00001_W000001 stands already in row 3"),
        (2, sheet_id(FOUR), "0" * 12, r"row 4: the sheet is '000000000000', the candidates are those of sheet"),
    ],
)
def test_a_bad_row_is_named(tmp_path, place, old, new, message):
    lines = csv_lines()
    assert old in lines[place]
    lines[place] = lines[place].replace(old, new)
    with pytest.raises(EmiliaError, match=message):
        read_review(csv_file(tmp_path, lines), FOUR)


def test_open_answers_can_be_allowed(tmp_path):
    path = csv_file(tmp_path, csv_lines()[:3])
    with pytest.raises(EmiliaError, match="1 of 4 utterances are not in it, such as EN_B00001_S00003_W000001"):
        read_review(path, FOUR)
    assert list(read_review(path, FOUR, allow_open=True).answers.values()) == ["anger", None, "fear", None]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"sheet": ', "is not JSON"),
        ("[]", "holds no list of answers"),
        ({"answers": []}, "holds no answer"),
        ({"answers": ["anger"]}, "answer 1: no object with an index"),
        ({"answers": [{"index": FOUR[0].index, "answer": 3}]}, "answer 1: answer 3 is no text"),
    ],
)
def test_a_bad_json_file_is_named(tmp_path, content, message):
    path = tmp_path / "r.json"
    path.write_text(content if isinstance(content, str) else json.dumps({"sheet": "x", "reviewer": "ann"} | content))
    with pytest.raises(EmiliaError, match=f"r.json.*{message}"):
        read_review(path, FOUR)


def test_a_table_with_other_columns_and_a_missing_file(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("sheet;reviewer;index;answer\n")
    with pytest.raises(EmiliaError, match="has no column 'sheet'"):
        read_review(path, FOUR)
    with pytest.raises(EmiliaError, match="no readable review"):
        read_review(tmp_path / "none.json", FOUR)


def test_the_number_of_reviewers_and_their_names(tmp_path):
    paths = [review_file(tmp_path, name, FOUR, ANSWERS) for name in ("ann", "bo")]
    assert [one.reviewer for one in read_reviews(paths, FOUR, 2)] == ["ann", "bo"]
    with pytest.raises(EmiliaError, match="2 review files, but --reviewers is 4"):
        read_reviews(paths, FOUR, 4)
    with pytest.raises(EmiliaError, match="are both by ann"):
        read_reviews([paths[0], csv_file(tmp_path, csv_lines())], FOUR, 2)
