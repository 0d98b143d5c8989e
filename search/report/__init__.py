"""What a person sees: the terminal, one HTML page, and the notes in Optuna dashboard."""
