"""What a trial tries: the recipe, the space it is taken from, the pools that grow."""
