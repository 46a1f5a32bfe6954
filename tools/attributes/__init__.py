"""Measured style of an utterance: pitch, loudness and speaking rate."""
