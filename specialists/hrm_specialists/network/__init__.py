"""The forward pass only: no loss, no data."""
