"""Fine-tunes a student on examples: examples in, adapter out."""
