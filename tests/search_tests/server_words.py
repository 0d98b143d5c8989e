"""What servers say when they do not answer, each in its own words; and what that means here."""

from __future__ import annotations

from tests.search_tests.chat_server import Served

GOOD = "[[ ## docstring ## ]]\nTwice x.\n\n[[ ## lean ## ]]\ndef f (x : Int) : Int := x + x"


def error(status: int, **fields: object) -> Served:
    return Served(status=status, body={"error": fields})


REFUSED = {
    # one prompt's trouble, in each server's own words
    "OpenAI, too long": (
        error(
            400,
            message="This model's maximum context length is 8192 tokens. However, your messages "
            "resulted in 9001 tokens. Please reduce the length of the messages.",
            code="context_length_exceeded",
        ),
        "too_long",
    ),
    "vLLM, too long": (
        Served(
            status=400,
            body={
                "object": "error",
                "message": "This model's maximum context length is 2048 tokens. However, you "
                "requested 6616 tokens (568 in the messages, 6048 in the completion).",
                "type": "BadRequestError",
                "code": 400,
            },
        ),
        "too_long",
    ),
    "vLLM, limit too long": (
        error(
            400,
            message="'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's "
            "maximum context length is 2048 tokens and your request has 40 input tokens",
        ),
        "too_long",
    ),
    "llama.cpp, too long": (
        error(
            400,
            code=400,
            message="the request exceeds the available context size, try increasing it",
            type="exceed_context_size_error",
        ),
        "too_long",
    ),
    "llama.cpp, too long as its own failure": (
        error(500, code=500, message="context size exceeded", type="server_error"),
        "too_long",
    ),
    "TGI, too long": (
        Served(
            status=422,
            body={
                "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= "
                "2048. Given: 3474 `inputs` tokens and 60 `max_new_tokens`",
                "error_type": "validation",
            },
        ),
        "too_long",
    ),
    "Ollama, too long": (
        error(400, message="the input length exceeds the context length", type="api_error"),
        "too_long",
    ),
    "LiteLLM's proxy, too long": (
        error(
            400,
            message="litellm.ContextWindowExceededError: litellm.BadRequestError: prompt is too "
            "long: 210000 tokens > 200000 maximum",
            code="400",
        ),
        "too_long",
    ),
    "a proxy before it, too long": (
        Served(status=413, body="<html>Request too large</html>"),
        "too_long",
    ),
    "OpenAI, too long for the limit a minute": (
        error(429, message="Request too large for gpt-4o on tokens per min", code="tokens"),
        "too_long",
    ),
    "Azure, filtered": (
        error(
            400,
            message="The response was filtered due to the prompt triggering Azure OpenAI's "
            "content management policy.",
            code="content_filter",
        ),
        "content_filter",
    ),
    "OpenRouter, filtered": (
        error(403, code=403, message="Your chosen model requires moderation and your input was "
              "flagged for violence"),
        "content_filter",
    ),
    "an answer held back": (Served(finish="content_filter"), "content_filter"),
    "an unknown 400": (error(400, message="messages.0: bad role"), "rejected"),
    "an unknown 422": (Served(status=422, body={"detail": [{"msg": "bad"}]}), "rejected"),
    "a lasting 500": (error(500, message="CUDA error"), "server_error"),
    "a lasting 503": (Served(status=503, body="no worker survived this"), "server_error"),
    "an answer that is no answer": (Served(body={"object": "nothing"}), "unreadable"),
    "a cut that parses": (Served(GOOD, finish="length"), "cut_off"),
    "a cut in the middle of a thought": (Served("<think>Let", finish="length"), "cut_off"),
}  # fmt: skip

AWAY = {
    "no such model": error(404, message="The model `m` does not exist.", code="model_not_found"),
    "no such model, said by vLLM": Served(
        status=404, body={"object": "error", "message": "The model `m` does not exist."}
    ),
    "no such path": Served(status=404, body="404 page not found"),
    "a wrong key": error(401, message="Incorrect API key provided", code="invalid_api_key"),
    "no access": error(403, message="Project has no access"),
    "every answer a failure": None,
}

PARAMETERS = {
    "OpenAI, temperature": (
        "temperature",
        error(400, message="Unsupported value: 'temperature' does not support 0.3 with this "
              "model. Only the default (1) value is supported.", param="temperature",
              code="unsupported_value"),
    ),
    "Moonshot, temperature": (
        "temperature", error(400, message="invalid temperature: only 1 is allowed for this model")
    ),
    "Azure, seed": ("seed", error(400, message="Unrecognized request argument supplied: seed")),
    "Mistral, seed": (
        "seed",
        Served(status=422, body={"detail": [{"type": "extra_forbidden", "loc": ["body", "seed"],
                                             "msg": "Extra inputs are not permitted"}]}),
    ),
    "Gemini, seed": (
        "seed",
        error(400, message='Invalid JSON payload. Unknown name "seed": Cannot find field.'),
    ),
    "LiteLLM's proxy, seed": (
        "seed",
        error(400, message="litellm.UnsupportedParamsError: x does not support parameters: "
              "['seed'], for model=m."),
    ),
    "OpenAI, max_tokens": (
        "max_tokens",
        error(400, message="Unsupported parameter: 'max_tokens' is not supported with this "
              "model. Use 'max_completion_tokens' instead.", code="unsupported_parameter"),
    ),
}  # fmt: skip
