"""Whether two theorem statements say the same, as far as Lean can tell."""
