"""Solving by learning anew: a small network that trains on a problem's own demonstrations."""
