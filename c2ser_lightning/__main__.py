"""``python -m c2ser_lightning fit|validate|test|predict --config <file.yaml>``."""

from c2ser_lightning.cli import main

if __name__ == "__main__":
    main()
