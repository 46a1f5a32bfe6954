"""Try a trained model in the browser: choose sound files, or speak into the microphone.

    python -m tools.serve --run runs/demo/stage2

The page is served to this machine alone, loads nothing from elsewhere, and keeps nothing.
"""

import sys
from pathlib import Path

from c2ser_lightning.cli import USER_ERRORS, quieten
from c2ser_lightning.inference import EmotionRecognizer
from c2ser_lightning.inference.server import RecognitionServer
from tools.command_line import Parser


def main(arguments: list[str] | None = None) -> None:
    """Run the tool until it is interrupted."""
    parser = Parser("tools.serve", __doc__)
    parser.add_argument("--run", type=Path, required=True, help="run_dir of a fit, or what tools.export wrote")
    parser.add_argument("--checkpoint", type=Path, help="weights (default: checkpoints/last.ckpt of the run)")
    parser.add_argument("--method", choices=("score", "generate"), help="default: score, or generate after stage 1")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1 ... (default: auto)")
    parser.add_argument("--port", type=int, default=8000, help="of the page (default 8000; 0 takes any that is free)")
    options = parser.parse_args(arguments)
    quieten()
    try:
        recognizer = EmotionRecognizer.from_run(
            options.run, checkpoint=options.checkpoint, method=options.method, device=options.device
        )
        server = RecognitionServer(recognizer, str(options.run), options.port)
    except (FileNotFoundError, ValueError, *USER_ERRORS) as error:
        sys.exit(f"error: {error}")
    except (OSError, OverflowError) as error:
        sys.exit(f"error: port {options.port}: {error}; name another with --port")
    print(f"http://127.0.0.1:{server.server_port}/ (stop with Ctrl-C)", flush=True)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped")


if __name__ == "__main__":
    main()
