"""What measures and what makes puzzles; only in a checkout, as `hrm-agent bench` and `data`."""
