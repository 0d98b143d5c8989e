"""What survives a kill: content by its hash, finished stages, and their copies elsewhere."""
