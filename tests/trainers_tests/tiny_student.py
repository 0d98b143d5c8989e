"""A student small enough for a test: a tokenizer trained on a few lines, a Llama of two layers."""

from __future__ import annotations

from pathlib import Path

from evaluators.problem import student_prompt
from trainers.dataset import Example

SIGNATURE = "def f (x : Int) : Int"
BODIES = {"Twice x.": " x + x", "The square of x.": " x * x", "Three more.": "\n  x + 3"}


def examples(copies: int = 4) -> list[Example]:
    """Pairs so few and so regular that a tiny student learns them by heart."""
    return [
        Example(student_prompt(docstring, SIGNATURE), body, f"{docstring}{copy}")
        for copy in range(copies)
        for docstring, body in BODIES.items()
    ]


def make_student(folder: Path, *, context: int = 96, bos: bool = False, pad: bool = True) -> str:
    """A random student in a Hugging Face folder, without any download."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<|pad|>", "<|end|>", "<|begin|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    corpus = [example.prompt + example.completion for example in examples(8)]
    tokenizer.train_from_iterator(corpus, trainer)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<|pad|>" if pad else None,
        eos_token="<|end|>",
        bos_token="<|begin|>" if bos else None,
    ).save_pretrained(folder)
    torch.manual_seed(0)
    LlamaForCausalLM(
        LlamaConfig(
            vocab_size=320,
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=2,
            num_key_value_heads=2,
            max_position_embeddings=context,
            tie_word_embeddings=True,
            bos_token_id=None,
            eos_token_id=1,
            pad_token_id=0,
        )
    ).save_pretrained(folder)
    return str(folder)
