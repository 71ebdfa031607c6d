"""Speed, measured against the reference way, published networks and an LLM, in one run."""
