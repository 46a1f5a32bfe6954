"""Plain modules: encoders, connector, language model, and what loads them. Knows nothing of Lightning."""
