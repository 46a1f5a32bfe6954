"""Does the category loss help? The same pretraining under several weights and seeds, one probe for all."""
