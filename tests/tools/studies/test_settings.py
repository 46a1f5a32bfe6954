import pytest

from tools.studies.settings import StageSettings, StudySettings, VariantSettings


def variant(name: str, *stages: str) -> VariantSettings:
    return VariantSettings(name, [StageSettings(stage, ["a.yaml"]) for stage in stages or ("stage2",)])


def test_the_first_variant_is_the_baseline_unless_one_is_named():
    assert StudySettings("t", [variant("a"), variant("b")]).baseline == "a"
    assert StudySettings("t", [variant("a"), variant("b")], baseline="b").baseline == "b"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"baseline": "c"}, "baseline 'c' is no variant; choose from a, b"),
        ({"seeds": []}, "needs seeds"),
        ({"seeds": [1, 1]}, "each once"),
        ({"variants": []}, "needs variants"),
    ],
)
def test_what_cannot_be_run_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        StudySettings(**{"title": "t", "variants": [variant("a"), variant("b")], **change})


def test_names_are_unique():
    with pytest.raises(ValueError, match="name of its own"):
        StudySettings("t", [variant("a"), variant("a")])
    with pytest.raises(ValueError, match="variant 'a' needs stages"):
        variant("a", "stage1", "stage1")
