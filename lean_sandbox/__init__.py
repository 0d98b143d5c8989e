"""Runs untrusted Lean 4 and says what Lean thought of it. Imports nothing of the other packages."""
