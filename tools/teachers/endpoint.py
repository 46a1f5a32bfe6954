"""A teacher behind any endpoint that speaks the OpenAI chat protocol: vLLM, SGLang, a vendor."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import asdict
from http import HTTPStatus
from itertools import islice
from typing import Any

import httpx2

from tools.teachers.backoff import Backoff, retry_after
from tools.teachers.exchange import Answer, Finish, Request, TeacherError
from tools.teachers.settings import EndpointSettings, SamplingSettings

WORTH_ANOTHER_TRY = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))
HOPELESS: Mapping[int, str] = {
    HTTPStatus.UNAUTHORIZED: "it does not accept the key",
    HTTPStatus.PAYMENT_REQUIRED: "it wants to be paid",
    HTTPStatus.FORBIDDEN: "the key may not use this",
    HTTPStatus.NOT_FOUND: "it knows no such address or model",
}
FAILURES_IN_A_ROW = 20
"""So many requests without any answer between them end the run, rather than send a whole corpus to the template."""


class _Trouble(Exception):  # noqa: N818 - a passing state, not an error of this program
    """One try that gave no answer: what happened, the seconds the server asks to wait, and whether to try again."""

    def __init__(self, what: str, asked: float = 0.0, *, again: bool = True) -> None:
        super().__init__(what)
        self.what = what
        self.asked = asked
        self.again = again


class EndpointTeacher:
    """Keeps a bounded number of requests in flight and repeats what fails for a passing reason."""

    def __init__(self, model: str, endpoint: EndpointSettings, sampling: SamplingSettings) -> None:
        """Check the settings; nothing is sent yet.

        Raises:
            TeacherError: There is no address, or ``extra`` is no JSON object.
        """
        if not endpoint.url.startswith(("http://", "https://")):
            raise TeacherError(f"--teacher-url {endpoint.url!r} is no address such as http://localhost:8000/v1")
        self.model = model
        self.endpoint = endpoint
        self.sampling = sampling
        self.extra = _json_object(endpoint.extra)
        self.backoff = Backoff(endpoint.first_delay, endpoint.longest_delay)
        self._failures = 0
        self._runner = asyncio.Runner()
        self._client: httpx2.AsyncClient | None = None

    @property
    def identity(self) -> str:
        """Model and sampling; not the address, so a model may move between servers."""
        extra = f" {json.dumps(self.extra, sort_keys=True)}" if self.extra else ""
        settings = " ".join(f"{name}={value:g}" for name, value in asdict(self.sampling).items())
        return f"endpoint {self.model} {settings}{extra}"

    def answer(self, requests: Sequence[Request]) -> Iterator[tuple[Request, Answer]]:
        """Yield every request with its answer, as they come.

        Raises:
            TeacherError: The endpoint refuses the key or the model, or has stopped answering.
        """
        stream = self._stream(requests)
        try:
            while (pair := self._runner.run(_next(stream))) is not None:
                yield pair
        finally:
            self._runner.run(stream.aclose())

    def close(self) -> None:
        """Close connections and the event loop."""
        if self._client is not None:
            self._runner.run(self._client.aclose())
            self._client = None
        self._runner.close()

    async def _stream(self, requests: Sequence[Request]) -> AsyncGenerator[tuple[Request, Answer], None]:
        """Yield finished pairs while as many requests as allowed are in flight."""
        source = iter(requests)
        flying = {asyncio.create_task(self._ask(request)) for request in islice(source, self.endpoint.concurrency)}
        try:
            while flying:
                landed, flying = await asyncio.wait(flying, return_when=asyncio.FIRST_COMPLETED)
                flying |= {asyncio.create_task(self._ask(request)) for request in islice(source, len(landed))}
                for task in sorted(landed, key=lambda task: task.exception() is not None):
                    yield task.result()
        finally:
            for task in flying:
                task.cancel()
            await asyncio.gather(*flying, return_exceptions=True)

    async def _ask(self, request: Request) -> tuple[Request, Answer]:
        """Send a request until it is answered, refused, or has used up its tries."""
        trouble = _Trouble("it was never sent")
        for tries in range(1, self.endpoint.tries + 1):
            await self.backoff.permission()
            try:
                answer = await self._send(request, tries - 1)
            except _Trouble as met:
                trouble = met
            else:
                self._failures = 0
                return request, answer
            if not trouble.again:
                break
            if trouble.asked:
                self.backoff.pause(trouble.asked)
            if tries < self.endpoint.tries:
                await asyncio.sleep(self.backoff.delay(tries, trouble.asked))
        self._failures += 1
        if self._failures >= FAILURES_IN_A_ROW:
            where = self.endpoint.url
            raise TeacherError(f"{where}: {FAILURES_IN_A_ROW} requests in a row failed, last: {trouble.what}")
        return request, Answer("", "failed", resent=tries - 1, detail=trouble.what)

    async def _send(self, request: Request, resent: int) -> Answer:
        """Send once.

        Raises:
            _Trouble: No usable answer came back.
            TeacherError: None ever will.
        """
        client = self._opened()
        try:
            response = await client.post("chat/completions", json=self._body(request))
        except httpx2.HTTPError as error:
            raise _Trouble(f"{type(error).__name__}: {error}".rstrip(": ")) from error
        status = response.status_code
        if status in HOPELESS:
            raise TeacherError(f"{self.endpoint.url} answers {status}, {HOPELESS[status]}: {response.text[:200]}")
        if status != HTTPStatus.OK:
            what = f"status {status}: {response.text[:200]}"
            raise _Trouble(what, retry_after(response.headers.get("retry-after")), again=status in WORTH_ANOTHER_TRY)
        return _parsed(response.content, resent)

    def _body(self, request: Request) -> dict[str, Any]:
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        body: dict[str, Any] = {"model": self.model, "messages": messages, "max_tokens": self.sampling.max_tokens}
        body["temperature"] = self.sampling.temperature
        if self.sampling.temperature > 0:
            body |= {"top_p": self.sampling.top_p, "seed": request.seed(self.sampling.seed)}
        return {name: value for name, value in (body | self.extra).items() if value is not None}

    def _opened(self) -> httpx2.AsyncClient:
        if self._client is None:
            key = os.environ.get(self.endpoint.key_variable, "").strip()
            limit = self.endpoint.concurrency
            self._client = httpx2.AsyncClient(
                base_url=self.endpoint.url,
                headers={"Authorization": f"Bearer {key}"} if key else {},
                timeout=httpx2.Timeout(self.endpoint.timeout, connect=min(15.0, self.endpoint.timeout), pool=None),
                limits=httpx2.Limits(max_connections=limit, max_keepalive_connections=limit),
            )
        return self._client


async def _next(stream: AsyncGenerator[tuple[Request, Answer], None]) -> tuple[Request, Answer] | None:
    return await anext(stream, None)


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text) if text else {}
    except ValueError as error:
        raise TeacherError(f"--teacher-extra {text!r} is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise TeacherError(f"--teacher-extra {text!r} is no JSON object")
    return value


def _parsed(content: bytes, resent: int) -> Answer:
    """Read a chat completion.

    Raises:
        _Trouble: It is not one, or holds no text.
    """
    try:
        data = json.loads(content)
        choice = data["choices"][0]
        text = choice["message"]["content"]
        usage = data.get("usage") or {}
        counts = int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0))
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise _Trouble(f"no chat completion ({type(error).__name__}: {error}): {content[:120]!r}") from error
    if not isinstance(text, str):
        raise _Trouble(f"a chat completion without text: {content[:120]!r}", again=False)
    finish: Finish = "length" if choice.get("finish_reason") == "length" else "stop"
    return Answer(text, finish, *counts, resent=resent)
