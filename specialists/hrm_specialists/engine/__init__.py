"""Inference: many callers, one batch, one thread; search where one pass is not enough."""
