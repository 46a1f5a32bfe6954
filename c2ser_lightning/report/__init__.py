"""Predictions and scores on disk, and the HTML page that shows them."""
