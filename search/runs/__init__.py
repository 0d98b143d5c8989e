"""The run folder: where each thing lies, who may write it, and its copy elsewhere."""
