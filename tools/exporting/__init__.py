"""Parts of ``tools.export``: reading a finished run, writing plain folders, and the model card."""
