"""The speakers of the demo corpus. Timbres of the test split (espeak-ng variants) are never heard in training."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """One speaker: an espeak-ng voice, the settings of its neutral speech, and the split it belongs to.

    Attributes:
        speaker: Speaker id.
        espeak: espeak-ng voice and variant.
        language: ``en`` or ``zh``.
        gender: ``female`` or ``male``.
        split: ``train``, ``dev`` or ``test``.
        pitch: Base pitch, espeak-ng units.
        rate: Words per minute.
        gain: Habitual level against the others, decibels.
    """

    speaker: str
    espeak: str
    language: str
    gender: str
    split: str
    pitch: int
    rate: int
    gain: float


VOICES: tuple[Voice, ...] = (
    Voice("en_f1", "en-us+f2", "en", "female", "train", 48, 165, 0.0),
    Voice("zh_m1", "cmn+m3", "zh", "male", "train", 42, 158, 1.0),
    Voice("en_f4", "en+f3", "en", "female", "test", 38, 162, 0.0),
    Voice("zh_f3", "cmn+f3", "zh", "female", "dev", 45, 160, -0.5),
    Voice("zh_m3", "cmn+m4", "zh", "male", "test", 44, 164, 0.5),
    Voice("en_m1", "en-us+m3", "en", "male", "train", 40, 160, 1.0),
    Voice("zh_f1", "cmn+f2", "zh", "female", "train", 46, 165, 0.0),
    Voice("en_m4", "en-us+m7", "en", "male", "dev", 44, 163, 0.5),
    Voice("en_m5", "en-us+m2", "en", "male", "test", 43, 166, -0.5),
    Voice("en_f2", "en+f1", "en", "female", "train", 44, 155, -1.5),
    Voice("en_m2", "en-gb-scotland+m1", "en", "male", "train", 46, 170, -0.5),
    Voice("zh_f2", "cmn+f1", "zh", "female", "train", 43, 170, -1.0),
    Voice("zh_m2", "cmn+m1", "zh", "male", "train", 45, 162, 0.5),
    Voice("en_m3", "en-gb-x-rp+m7", "en", "male", "train", 42, 158, 1.5),
    Voice("en_f3", "en-us+f5", "en", "female", "train", 42, 172, 0.5),
    Voice("zh_m4", "cmn+m5", "zh", "male", "train", 44, 168, -0.5),
    Voice("en_m6", "en-us+Andy", "en", "male", "train", 46, 164, 0.0),
    Voice("en_f5", "en-gb-x-rp+Annie", "en", "female", "train", 44, 168, 0.5),
    Voice("zh_f4", "cmn+linda", "zh", "female", "train", 46, 159, -1.0),
    Voice("en_m7", "en-029+m6", "en", "male", "train", 45, 158, 1.0),
    Voice("zh_m5", "cmn+Michael", "zh", "male", "train", 43, 166, 0.0),
    Voice("en_f6", "en-gb-scotland+steph", "en", "female", "train", 45, 162, -0.5),
    Voice("zh_f5", "cmn+f5", "zh", "female", "train", 42, 167, 0.5),
    Voice("en_m8", "en+pablo", "en", "male", "train", 42, 171, -1.0),
    Voice("en_f7", "en-us+belinda", "en", "female", "train", 47, 157, 1.0),
    Voice("zh_m6", "cmn+m6", "zh", "male", "train", 46, 161, -0.5),
    Voice("en_m9", "en-us+max", "en", "male", "train", 43, 160, 0.5),
    Voice("zh_f6", "cmn+Alicia", "zh", "female", "train", 44, 163, 0.0),
    Voice("en_m10", "en-gb-x-rp+m1", "en", "male", "train", 45, 169, 0.5),
    Voice("zh_f7", "cmn+f4", "zh", "female", "test", 45, 165, 0.0),
    Voice("en_m11", "en-gb-scotland+m8", "en", "male", "test", 44, 161, 0.5),
    Voice("en_f8", "en-us+Andrea", "en", "female", "train", 46, 164, 0.0),
    Voice("zh_m7", "cmn+Andy", "zh", "male", "train", 44, 159, -0.5),
    Voice("en_m12", "en-us+Mike", "en", "male", "train", 43, 167, 1.0),
    Voice("zh_f8", "cmn+Andrea", "zh", "female", "train", 44, 168, 0.5),
    Voice("en_f9", "en+anika", "en", "female", "train", 43, 160, -0.5),
    Voice("zh_m8", "cmn+max", "zh", "male", "train", 46, 163, 0.0),
    Voice("en_m13", "en-gb-x-rp+Denis", "en", "male", "train", 45, 162, -1.0),
    Voice("zh_f9", "cmn+steph", "zh", "female", "train", 46, 158, 1.0),
    Voice("en_f10", "en-029+grandma", "en", "female", "train", 44, 166, 0.5),
    Voice("zh_m9", "cmn+pablo", "zh", "male", "train", 42, 170, -0.5),
    Voice("en_m14", "en+Diogo", "en", "male", "train", 42, 157, 0.5),
    Voice("zh_f10", "cmn+Annie", "zh", "female", "train", 43, 165, -1.0),
    Voice("en_f11", "en-us+steph2", "en", "female", "train", 47, 170, 0.0),
    Voice("zh_m10", "cmn+Mario", "zh", "male", "train", 45, 160, 1.0),
    Voice("en_m15", "en-us+paul", "en", "male", "train", 46, 159, -0.5),
    Voice("zh_f11", "cmn+belinda", "zh", "female", "train", 47, 162, 0.0),
    Voice("en_f12", "en+linda", "en", "female", "train", 45, 171, 1.0),
    Voice("zh_m11", "cmn+antonio", "zh", "male", "train", 43, 167, 0.5),
    Voice("en_m16", "en-029+ed", "en", "male", "train", 44, 163, 0.0),
    Voice("zh_f12", "cmn+anika", "zh", "female", "train", 42, 164, -0.5),
    Voice("en_m17", "en-gb-scotland+robert", "en", "male", "train", 43, 168, 0.5),
    Voice("zh_m12", "cmn+pedro", "zh", "male", "train", 45, 166, -1.0),
    Voice("en_m18", "en+Gene", "en", "male", "train", 42, 161, -0.5),
    Voice("en_m19", "en-us+Alex", "en", "male", "train", 45, 165, 0.0),
)
"""In the order in which smaller corpora take them: four hold every split, eight every split in both languages. Many
speak for training, each a little: what is learned from few voices does not carry over to others."""

FEWEST_VOICES = 4
