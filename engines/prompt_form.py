"""Whether a student is asked through its chat template: decided here, for training and answering.

What people get wrong: a model that was taught to chat is trained on bare text, or is trained in
one form and asked in the other. The form is kept with the adapter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

from engines.errors import ModelUnusable

PromptForm: TypeAlias = Literal["chat", "plain"]
"""Through the tokenizer's chat template, or as bare text."""
WantedForm: TypeAlias = Literal["auto", "chat", "plain"]
"""`auto` is the chat template where the tokenizer has one."""


def form_of(tokenizer: Any, wanted: WantedForm = "auto") -> PromptForm:
    """The form in which this tokenizer's model is asked.

    Raises:
        ModelUnusable: `chat` is wanted where there is no template, or the template takes no
            single message of a user.
    """
    if wanted == "plain" or (wanted == "auto" and not tokenizer.chat_template):
        return "plain"
    if not tokenizer.chat_template:
        raise ModelUnusable(
            "`training.prompt_form: chat` needs a chat template, and the student's tokenizer has "
            "none; set it to auto or plain"
        )
    chat_text(tokenizer, [{"role": "user", "content": "?"}])
    return "chat"


def chat_text(tokenizer: Any, messages: Sequence[Mapping[str, str]]) -> str:
    """Messages as the model reads them, up to where its answer begins.

    Without a template they are joined by blank lines.

    Raises:
        ModelUnusable: the template takes no such messages.
    """
    if not tokenizer.chat_template:
        return "\n\n".join([*(message["content"] for message in messages), ""])
    try:
        text: str = tokenizer.apply_chat_template(
            list(messages), add_generation_prompt=True, tokenize=False
        )
    except Exception as error:  # a template is a program, and raises what it likes
        raise ModelUnusable(
            f"the chat template cannot be used ({type(error).__name__}: {error}); mend it, or set "
            "`training.prompt_form: plain`"
        ) from error
    return text
