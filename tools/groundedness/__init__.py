"""Does an explanation follow the evidence? Speech is changed in one known way and asked about again."""
