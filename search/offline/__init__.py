"""What a search leaves for use: the frozen pipeline, and the data sets it makes."""
