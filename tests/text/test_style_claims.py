import pytest

from c2ser_lightning.text.style_claims import style_claims
from c2ser_lightning.text.style_words import ATTRIBUTES


def said(text, language):
    """Levels by attribute, one letter each: p(itch) l(oudness) r(ate) with low, medium, high; as "pL lM rH"."""
    claims = {(claim.attribute[0], claim.level[0].upper()) for claim in style_claims(text, language)}
    return " ".join(sorted("".join(claim) for claim in claims))


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("a slow pace, a low pitch and a soft volume", "lL pL rL"),
        ("The pitch is low.", "pL"),
        ("The pitch was at a low level", "pL"),
        ("pitch low, volume high, rate medium", "lH pL rM"),
        ("Pitch: high; volume: moderate.", "lM pH"),
        ("a pitch of medium and a volume level of low", "lL pM"),
        ("a moderate pace and volume", "lM rM"),
        ("the pitch and volume are both moderate", "lM pM"),
        ("a moderate volume and the pitch was low", "lM pL"),
        ("a moderate volume at a high pitch", "lM pH"),
        ("a low, monotone pitch", "pL"),
        ("a low and rather flat pitch", "pL"),
        ("a high-pitched, loud, fast-paced delivery", "lH pH rH"),
        ("speaks rapidly but softly", "lL rH"),
        ("a low to medium pitch", "pL pM"),
        ("not a loud volume", ""),
        ("neither high nor low pitch", ""),
        ("the pitch is low, not high", "pL"),
        ("the pitch isn't high", ""),
        ("a fast rather than slow pace", "rH"),
        ("not only fast but loud", "lH rH"),
        ("deep sadness in a low voice", ""),
        ("a deep tone", "pL"),
        ("high emotional intensity", ""),
        ("a moderately fast pace", "rH"),
        ("He is low. The pitch rises.", ""),
        ("a high speaking rate", "rH"),
    ],
)
def test_english(text, claims):
    assert said(text, "en") == claims


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("缓慢的语速、低沉的语调和较小的音量", "lL pL rL"),
        ("语速中等、音调较高，音量很大", "lH pH rM"),
        ("音调较高音量较小", "lL pH"),
        ("语调和音量都适中", "lM pM"),
        ("语速处于中等水平", "rM"),
        ("音调不高", ""),
        ("他很高兴，也很快乐", ""),
        ("情绪低落，高度紧张", ""),
        ("声音洪亮，语速飞快", "lH rH"),
        ("高音量、低语速", "lH rL"),
    ],
)
def test_mandarin(text, claims):
    assert said(text, "zh") == claims


def test_claims_say_where_they_stand():
    text = "spoke at a fast pace, with a pitch that is low"
    assert [text[claim.start :][:4].strip() for claim in style_claims(text, "en")] == ["fast", "low"]
    assert {claim.attribute for claim in style_claims(text, "en")} <= set(ATTRIBUTES)
