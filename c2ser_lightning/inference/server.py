"""A page on which a recogniser can be tried: sound files, or speech into the microphone."""

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import parse_qs, urlsplit

from c2ser_lightning.data.audio import AudioError, decode_audio
from c2ser_lightning.inference.recognizer import LONGEST, EmotionRecognizer, Recognition
from c2ser_lightning.report.environment import page_environment

LARGEST = 32 * 2**20
"""Bytes of a recording: 30 seconds of 24-bit stereo at 96 kHz are 17 MB."""
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; media-src blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class RecognitionServer(ThreadingHTTPServer):
    """Serves the page, and answers recordings one at a time."""

    daemon_threads = True

    def __init__(self, recognizer: EmotionRecognizer, name: str, port: int, host: str = "127.0.0.1") -> None:
        """Listen; ``serve_forever`` answers.

        Args:
            recognizer: Who is asked.
            name: Its name on the page.
            port: 0 takes any that is free; ``server_port`` says which.
            host: The default is reached from this machine alone.

        Raises:
            OSError: The port is taken.
        """
        super().__init__((host, port), _Handler)
        self.recognizer, self.name = recognizer, name
        self.asking = threading.Lock()

    def page(self) -> str:
        """Return the page; it loads nothing from elsewhere."""
        template = page_environment(Path(__file__).parent).get_template("page.html")
        explains = self.recognizer.explains
        return template.render(name=self.name, emotions=self.recognizer.emotions, explains=explains, longest=LONGEST)

    def answer(self, data: bytes, *, explain: bool) -> Recognition:
        """Recognise an encoded recording."""
        try:
            waveform = decode_audio(data, max_seconds=LONGEST)
        except AudioError as error:
            return Recognition(problem=str(error))
        with self.asking:
            return next(self.recognizer.recognize([waveform], explain=explain))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def recognition(self) -> RecognitionServer:
        return cast(RecognitionServer, self.server)

    def do_GET(self) -> None:
        """Send the page."""
        if urlsplit(self.path).path != "/":
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self._send(self.recognition.page().encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        """Recognise the recording in the body; ``?explain=1`` asks for a rationale."""
        asked = urlsplit(self.path)
        size = self.headers.get("Content-Length", "")
        self.close_connection = True  # a body that is refused stays unread
        if asked.path != "/recognize":
            self.send_error(HTTPStatus.NOT_FOUND)
        elif not size.isdecimal():
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
        elif int(size) > LARGEST:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            explain = parse_qs(asked.query).get("explain") == ["1"] and self.recognition.recognizer.explains
            found = self.recognition.answer(self.rfile.read(int(size)), explain=explain)
            self._send(json.dumps(found.as_dict(), ensure_ascii=False).encode(), "application/json")

    def _send(self, body: bytes, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing of each request."""
