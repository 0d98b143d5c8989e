"""What an Eng2Lean generator reads and writes; no DSPy here.

Pre-training of the embedded generator and every later call share `user_text` and `reply_text`.
"""

from __future__ import annotations

from evaluators.task import Field, Form

FORM = Form(
    instruction="Translate the Python function to Lean 4.",
    inputs=(
        Field("python", "a Python function", "Python"),
        Field("docstring_in", "what the function is said to do", "asked"),
    ),
    outputs=(
        Field("docstring", "an English docstring for the Lean definition", "docstring"),
        Field("lean", "one Lean 4 definition of the same function", "Lean"),
    ),
    told="docstring_in",
    described="docstring",
)

ADAPTER_CODE = '''class PlainAdapter(dspy.Adapter):
    def format(self, signature, demos, inputs):
        def asked(values):
            return f'"""{values["docstring_in"]}"""\\n{values["python"]}'

        messages = [{"role": "system", "content": signature.instructions}]
        for demo in demos:
            reply = f'/-- {demo["docstring"]} -/\\n{demo["lean"]}'
            messages.append({"role": "user", "content": asked(demo)})
            messages.append({"role": "assistant", "content": reply})
        return [*messages, {"role": "user", "content": asked(inputs)}]

    def parse(self, signature, completion):
        fenced = re.search(r"`{3}[a-zA-Z0-9]*\\n(.*?)`{3}", completion, re.DOTALL)
        text = fenced[1] if fenced else completion
        reply = re.search(r"/--(.*?)-/\\s*(.+)", text, re.DOTALL)
        docstring = " ".join(reply[1].split()) if reply else ""
        lean = reply[2].strip() if docstring else ""
        return {"docstring": docstring if lean else "", "lean": lean}'''
"""`user_text` and `reply_text` for a process without this program; see `Task.adapter_code`."""


def user_text(python: str, docstring: str) -> str:
    """What the generator reads of one context."""
    return f'"""{docstring}"""\n{python}'


def reply_text(docstring: str, lean: str) -> str:
    """The reply asked for: the docstring as a Lean comment, then the definition."""
    return f"/-- {docstring} -/\n{lean}"
