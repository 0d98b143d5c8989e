"""An endpoint on the loopback interface that repeats the key it is called with, in every shape."""

from __future__ import annotations

import base64
import html
import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus

from tests.search_tests.chat_server import Served, reply_to

KEY = 'sk-Zq9/x+R=7"&<w\\y4TbN0pLmK2vJdQ~8s'
"""Has what JSON, URLs, HTML and Python each escape."""
WINDOW = 12


@dataclass(frozen=True)
class Leak:
    """One answer that repeats the key."""

    status: int
    body: Callable[[str], str]
    headers: Callable[[str], dict[str, str]] = field(default=lambda _: {})


def _error(text: str) -> str:
    return json.dumps({"error": {"message": text, "type": text, "code": text, "param": text}})


LEAKS: dict[str, Leak] = {
    "401 json": Leak(401, lambda key: _error(f"Incorrect API key provided: {key}.")),
    "403 text": Leak(403, lambda key: f"forbidden: Authorization: Bearer {key}"),
    "400 json": Leak(400, lambda key: _error(f"bad request with {key}")),
    "400 context": Leak(400, lambda key: _error(f"maximum context length exceeded by {key}")),
    "404 html": Leak(404, lambda key: f"<html><body>{html.escape(key)}</body></html>"),
    "409 url": Leak(409, lambda key: f"see /login?key={quote(key, safe='')}&k={quote_plus(key)}"),
    "422 detail": Leak(422, lambda key: json.dumps({"detail": [{"msg": key, "input": key}]})),
    "429 json": Leak(429, lambda key: _error(f"rate limit of {key}")),
    "500 text": Leak(500, lambda key: f"Traceback: headers={{'Authorization': {key!r}}}"),
    "500 base64": Leak(500, lambda key: base64.b64encode(f"Bearer {key}".encode()).decode()),
    "500 twice": Leak(500, lambda key: _error(json.dumps({"headers": {"authorization": key}}))),
    "502 wrapped": Leak(502, lambda key: f"key\n  {key[:9]}\n  {key[9:20]}\n  {key[20:]}"),
    "503 cut off": Leak(503, lambda key: f"key {key[:-6]}"),
    "malformed": Leak(200, lambda key: f'{{"choices": [{{"message": "{key}'),
    "no choices": Leak(200, lambda key: json.dumps({"object": key, "choices": []})),
    "error in 200": Leak(200, lambda key: _error(key)),
    "redirect": Leak(307, lambda key: key, lambda key: {"Location": f"/v1/{quote(key)}"}),
    "bad redirect": Leak(302, lambda key: key, lambda key: {"Location": f"ftp://{key}/x"}),
    "echoed header": Leak(
        401, lambda key: "no", lambda key: {"WWW-Authenticate": f"Bearer {key}", "X-Key": key}
    ),
    "prose": Leak(
        200, lambda key: json.dumps(reply_to(Served(f"You are {key}, in JSON {key!r}.")))
    ),
}


MODELS = Leak(
    200,
    lambda key: json.dumps(
        {"data": [{"id": name} for name in ("generator", "judge", "writer", key)]}
    ),
)
"""The list of models, which is asked for before anything is paid."""


def good_reply(name: str, key: str) -> str:
    """A reply that can be read, and repeats the key in both fields."""
    return (
        f"[[ ## docstring ## ]]\nTwice x, said {key}.\n\n[[ ## lean ## ]]\n"
        f"def {name} (x : Int) : Int := x + x -- {key}\n\n[[ ## completed ## ]]"
    )


Choose = Callable[[dict[str, object], int], Leak]
"""The answer to a request, the how manieth it is."""


@contextmanager
def leaky_server(choose: Choose) -> Iterator[str]:
    """Serve until the end of the block; gives the address."""
    lock, asked = threading.Lock(), [0]

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with lock:
                asked[0] += 1
                leak = choose(request, asked[0])
            self._send(leak)

        def do_GET(self) -> None:
            self._send(MODELS)

        def _send(self, leak: Leak) -> None:
            key = self.headers.get("Authorization", "").removeprefix("Bearer ")
            data = leak.body(key).encode()
            self.send_response(leak.status)
            for name, value in leak.headers(key).items():
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
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def traces(key: str) -> set[bytes]:
    """Every dozen characters in a row of a key, in each form it may be written down in."""
    escaped = json.dumps(key)[1:-1]
    inside = base64.b64encode(f"Bearer {key}".encode()).decode()[10:-2]
    forms = [key, quote(key, safe=""), quote_plus(key), html.escape(key), escaped, inside]
    forms += [base64.b64encode(key.encode()).decode().rstrip("="), json.dumps(escaped)[1:-1]]
    return {
        form[at : at + WINDOW].encode() for form in forms for at in range(len(form) - WINDOW + 1)
    }


def is_in(content: bytes, key: str) -> bool:
    """Whether a dozen characters of the key stand somewhere, also across white space."""
    joined = content.translate(None, b" \n\r\t").replace(rb"\n", b"")
    return any(trace in content or trace in joined for trace in traces(key))
