"""From examples and a recipe to averaged weights."""
