"""A real HTTP server on loopback that speaks the OpenAI chat protocol and misbehaves on request."""

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count

from c2ser_lightning.data.record import UtteranceRecord
from tools.cot_templates import write_texts

Reply = tuple[int, dict[str, str], bytes]
Behaviour = Callable[["ChatServer", dict, int], Reply | None]


def completion(text: str, finish: str = "stop") -> Reply:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    body = {"id": "x", "choices": [{"index": 0, "message": message, "finish_reason": finish}], "usage": usage}
    return 200, {}, json.dumps(body).encode()


def failure(status: int, **headers: str) -> Reply:
    return status, headers, json.dumps({"error": {"message": f"made to fail with {status}"}}).encode()


class ChatServer:
    """Answers like a good teacher, unless ``behaviour`` has something else for a request."""

    def __init__(self, records: list[UtteranceRecord]) -> None:
        self.records = records
        self.behaviour: Behaviour = lambda server, body, number: None
        self.calls: Counter[str] = Counter()
        self.bodies: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.flying = self.most_flying = 0
        self.lock = threading.Lock()
        self.numbers = count()

    def good(self, body: dict) -> str:
        """The template's text of the utterance that the first question speaks of."""
        question = body["messages"][0]["content"]
        emotion = re.search(r"emotion: (\w+)", question)
        for record in self.records:
            if f'"{record.transcript}"' in question:
                return write_texts(record)[0]
        return f"The speaker sounds full of {emotion[1]}." if emotion else "I do not know."

    def answer(self, body: dict, headers: dict[str, str]) -> Reply | None:
        with self.lock:
            number = next(self.numbers)
            self.calls[json.dumps(body["messages"])] += 1
            self.bodies.append(body)
            self.headers.append(headers)
            self.flying += 1
            self.most_flying = max(self.most_flying, self.flying)
        try:
            special = self.behaviour(self, body, number)
        finally:
            with self.lock:
                self.flying -= 1
        if special == "drop":
            return None
        return special if special is not None else completion(self.good(body))


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            assert self.path == "/v1/chat/completions"
            reply = server.answer(body, {name.lower(): value for name, value in self.headers.items()})
            if reply is None:
                # A promise of more bytes than are sent, then silence: the connection breaks in mid-answer.
                self.send_response(200)
                self.send_header("content-length", "1000")
                self.end_headers()
                self.wfile.write(b'{"choices": [')
                self.close_connection = True
                return
            status, headers, content = reply
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

        def handle(self):
            try:
                super().handle()
            except (ConnectionError, ValueError):
                self.close_connection = True

    return Handler


@contextmanager
def chat_server(records: list[UtteranceRecord]) -> Iterator[tuple[ChatServer, str]]:
    """Serve in a thread; yields the server's script and its address up to /v1."""
    script = ChatServer(records)
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    http.daemon_threads = True
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield script, f"http://127.0.0.1:{http.server_port}/v1"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
