"""What a Python function does, and whether a Lean definition does the same."""
