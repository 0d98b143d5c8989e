"""The byte-level BPE tokenizer shared by the embedded generator and students."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from search.embedded.clauses import draw_conversation
from search.embedded.corpora import READINGS, draw_text

VOCABULARY = 1024

PAD, SYSTEM, USER, ASSISTANT, END = "<|pad|>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"

CHAT_TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def train_tokenizer(directory: Path, *, seed: int, chat: bool, texts: int = 20_000) -> None:
    """Train on a sample of the pre-training texts and save in the Hugging Face form.

    `chat` gives it a chat template, which only a model that was shown chats may have.
    """
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    rng = random.Random(seed)
    corpus: list[str] = []
    for i in range(texts):
        corpus += [text for _, text in draw_conversation(rng, turns=1)]
        corpus.append(draw_text(READINGS["student-a" if i % 2 else "student-b"], rng))
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[PAD, SYSTEM, USER, ASSISTANT, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token=PAD, eos_token=END, padding_side="left",
        clean_up_tokenization_spaces=False,
    )  # fmt: skip
    fast.chat_template = CHAT_TEMPLATE if chat else None
    fast.save_pretrained(directory)


def load_tokenizer(directory: Path) -> Any:
    """The tokenizer in a model folder."""
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(directory)
