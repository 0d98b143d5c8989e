"""An OpenAI-compatible endpoint on the loopback interface that answers by a rule."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Served:
    """An answer in full."""

    text: str = ""
    finish: str = "stop"
    status: int = 200
    body: object = None
    """In place of an answer, such as an error."""
    headers: Mapping[str, str] = field(default_factory=dict)
    usage: Mapping[str, int] | None = None


Rule = Callable[[str], str | Served | None]
"""The answer to a prompt; None answers with a failure of the server's."""
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}


@dataclass
class ChatServer:
    """A running endpoint; `prompts` has what it was asked."""

    rule: Rule
    address: str = ""
    prompts: list[str] = field(default_factory=list)
    requests: list[dict[str, object]] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)
    """For rules that wait: set at the end of the block."""


@contextmanager
def chat_server(rule: Rule) -> Iterator[ChatServer]:
    """Serve until the end of the block."""
    served = ChatServer(rule)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            prompt = body["messages"][-1]["content"]
            served.requests.append(body)
            served.prompts.append(prompt)
            answer = served.rule(prompt)
            if answer is None:
                answer = Served(status=500, body={"error": {"message": "out of order"}})
            elif isinstance(answer, str):
                answer = Served(answer)
            self._send(answer)

        def _send(self, answer: Served) -> None:
            body = reply_to(answer) if answer.body is None else answer.body
            data = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    served.address = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield served
    finally:
        served.stop.set()
        server.shutdown()
        server.server_close()
        thread.join()


def in_every_field(text: str) -> Rule:
    """Answer DSPy's chat form with one text in each field that is asked for."""

    def answer(prompt: str) -> str:
        names = re.findall(r"`\[\[ ## (\w+) ## \]\]`", prompt)
        fields = [f"[[ ## {name} ## ]]\n{text}" for name in names if name != "completed"]
        return "\n\n".join([*fields, "[[ ## completed ## ]]"])

    return answer


def reply_to(answer: Served) -> dict[str, object]:
    """The body of an answer, as OpenAI's endpoint gives it."""
    message = {"role": "assistant", "content": answer.text}
    return {
        "id": "1",
        "object": "chat.completion",
        "model": "m",
        "choices": [{"index": 0, "finish_reason": answer.finish, "message": message}],
        "usage": USAGE if answer.usage is None else answer.usage,
    }
