"""The synthetic demo corpus: sentences, voices and emotional prosody, spoken by espeak-ng."""
