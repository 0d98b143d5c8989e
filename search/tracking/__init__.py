"""What MLflow is told of a search, and the registry of its winners."""
