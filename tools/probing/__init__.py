"""Probing frozen encoders as EmoBox does: folds, features on disk, a grid chosen on validation, one table."""
