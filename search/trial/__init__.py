"""One trial from recipe to score, as a function of its machines; no Ray, no Optuna."""
