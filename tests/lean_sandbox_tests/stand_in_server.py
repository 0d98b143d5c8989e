"""A process that speaks the server's protocol and does what the program says; run by file name.

It stands in for Lean where a test is about processes: it starts in a moment and is killed for
real. A program is words: `echo`, `sleep SECONDS`, `exit STATUS`, `flood`, `allocate`, `speak`.
"""

import json
import os
import resource
import sys
import time


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    say(json.loads(sys.stdin.readline())["nonce"] + " ready stand-in")
    held: list[bytes] = []
    for line in sys.stdin:
        request = json.loads(line)
        word, _, argument = request["program"].partition(" ")
        if word == "sleep":
            time.sleep(float(argument.split()[0]))
        elif word == "exit":
            os._exit(int(argument))
        elif word == "flood":
            while True:
                sys.stdout.write("x" * 65536)
        elif word == "allocate":
            while True:
                held.append(bytes(1 << 24))
        elif word == "hold":
            held.append(os.urandom(int(argument)))
        verdict = {
            "reason": "",
            "detail": request["program"],
            "gates": ["syntax"],
            "tests": ["passed" for _ in request["tests"]],
            "spans": [1],
            "microseconds": 1,
            "messages": [],
            "notes": [],
            "late": [],
            "left": 0,
        }
        say(f"{request['nonce']} {json.dumps(verdict)}")
        if word == "speak":
            say("out of turn")


if __name__ == "__main__":
    main()
