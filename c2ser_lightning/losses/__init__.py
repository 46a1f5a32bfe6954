"""Training losses: distillation of frames and utterances, and the category-level contrastive loss."""
