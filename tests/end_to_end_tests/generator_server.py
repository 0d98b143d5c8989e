"""The embedded generator behind an OpenAI-compatible address, so that a test can kill it.

    python -m tests.end_to_end_tests.generator_server PORT

Answers DSPy's chat form: the last message holds the inputs between its markers.
"""

from __future__ import annotations

import json
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

from engines import environment

environment.prepare()

from engines.local_engine import LocalEngine  # noqa: E402
from engines.named_models import resolve  # noqa: E402 - the environment comes first
from evaluators.eng2lean.form import user_text  # noqa: E402
from evaluators.eng2lean.reply import read_reply  # noqa: E402

FIELD = r"\[\[ ## {name} ## \]\]\n(.*?)\n\n(?:\[\[|Respond)"


def answer(engine: LocalEngine, asked: dict[str, Any]) -> dict[str, Any]:
    text = asked["messages"][-1]["content"]
    found = [re.search(FIELD.format(name=name), text, re.DOTALL) for name in FIELDS]
    python, docstring = (one[1] if one else "" for one in found)
    said = engine.complete(
        SimpleNamespace(
            system="Translate the Python function to Lean 4. Use Int for numbers.",
            messages=[SimpleNamespace(role="user", text=user_text(python, docstring))],
            config=SimpleNamespace(
                max_tokens=asked.get("max_tokens") or 160,
                temperature=asked.get("temperature"),
                seed=asked.get("seed"),
            ),
        )
    )
    written = read_reply(said.message.text or "") or ("", "")
    reply = "\n\n".join(
        f"[[ ## {name} ## ]]\n{value}"
        for name, value in zip(("docstring", "lean"), written, strict=True)
    )
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": asked["model"],
        "choices": [
            {
                "index": 0,
                "finish_reason": "stop",
                "message": {
                    "role": "assistant",
                    "content": reply + "\n\n[[ ## completed ## ]]",
                },
            }
        ],
        "usage": {
            "prompt_tokens": said.usage.input_tokens,
            "completion_tokens": said.usage.output_tokens,
            "total_tokens": said.usage.input_tokens + said.usage.output_tokens,
        },
    }


FIELDS = ("python", "docstring_in")


def main() -> None:
    """Serve until killed."""
    engine = LocalEngine(str(resolve("embedded:generator")), batch_size=32, max_new_tokens=160)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(answer(engine, asked)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()


if __name__ == "__main__":
    main()
