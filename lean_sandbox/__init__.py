"""Runs untrusted Lean 4 and says what Lean thought. It imports no other package of ours."""
