"""Prompts, chat layout and answer parsing."""
