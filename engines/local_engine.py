"""A transformers model in this process as a DSPy engine, which batches calls made side by side.

DSPy asks for one completion at a time; calls that arrive within a few milliseconds of each other,
from different threads, run as one batch.
"""

from __future__ import annotations

import queue
import threading
from concurrent.futures import Future
from typing import Any

import torch
from dspy.lm15 import ContextLengthError, Message, Request, Response, TextPart, Usage
from transformers import AutoModelForCausalLM, AutoTokenizer

from engines.model_facts import context_length, end_ids, pad_id, require_end
from engines.prompt_form import chat_text
from engines.sampling import Prompt, continue_prompts
from engines.weights import model_hash

_ARRIVAL_SECONDS = 0.02
"""How long a batch waits for another call after the last one came."""


class LocalEngine:
    """Continues chats with a causal language model from a folder or a hub id.

    A model without a chat template reads the messages one after the other.
    """

    def __init__(self, model: str, *, batch_size: int, max_new_tokens: int) -> None:
        self.model_id = model
        self._batch_size = batch_size
        self._max_new_tokens = max_new_tokens
        self._tokenizer = AutoTokenizer.from_pretrained(model)
        self._model = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32).eval()
        config = self._model.config
        self._ends = end_ids(self._tokenizer, config, self._model.generation_config)
        require_end(model, self._ends)
        self._pad = pad_id(self._tokenizer, self._ends)
        self.context_length = context_length(config, self._tokenizer)
        self.fingerprint = model_hash(model)
        self._calls: queue.Queue[tuple[Prompt, Future[list[int]]]] = queue.Queue()
        threading.Thread(target=self._serve, name="generator-engine", daemon=True).start()

    def complete(self, request: Request) -> Response:
        """Answer one chat; blocks until its batch is done.

        Raises:
            ContextLengthError: the prompt leaves no room for a reply.
        """
        prompt = self._prompt(request)
        done: Future[list[int]] = Future()
        self._calls.put((prompt, done))
        ids = done.result()
        return Response(
            id=None,
            model=self.model_id,
            message=Message.assistant([TextPart(self._tokenizer.decode(ids) or " ")]),
            finish_reason="length" if len(ids) >= prompt.max_new_tokens else "stop",
            usage=Usage(input_tokens=len(prompt.ids), output_tokens=len(ids)),
        )

    def _prompt(self, request: Request) -> Prompt:
        chat = [{"role": m.role, "content": m.text or ""} for m in request.messages]
        if request.system is not None:
            system = request.system
            text = system if isinstance(system, str) else "".join(p.text for p in system)
            chat.insert(0, {"role": "system", "content": text})
        text = chat_text(self._tokenizer, chat)
        ids = self._tokenizer.encode(text, add_special_tokens=False)
        budget = request.config.max_tokens or self._max_new_tokens
        if self.context_length is not None and len(ids) + budget > self.context_length:
            raise ContextLengthError(
                f"a prompt of {len(ids)} tokens and a reply of {budget} exceed the context of "
                f"{self.context_length} tokens"
            )
        return Prompt(
            ids=tuple(ids),
            temperature=request.config.temperature or 0.0,
            seed=request.config.seed or 0,
            max_new_tokens=budget,
        )

    def _serve(self) -> None:
        while True:
            batch = [self._calls.get()]
            while len(batch) < self._batch_size:
                try:
                    batch.append(self._calls.get(timeout=_ARRIVAL_SECONDS))
                except queue.Empty:
                    break
            try:
                results = continue_prompts(
                    self._model, [prompt for prompt, _ in batch],
                    ends=self._ends, pad=self._pad,
                )  # fmt: skip
            except Exception as error:  # noqa: BLE001 - the callers, not this thread, must see it
                for _, done in batch:
                    done.set_exception(error)
                continue
            for (_, done), ids in zip(batch, results, strict=True):
                done.set_result(ids)

    def dump_state(self) -> dict[str, Any]:
        """What DSPy may write down about this engine: nothing secret."""
        return {"model_id": self.model_id}
