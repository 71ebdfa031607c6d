"""From files and objects to typed rows: what columns hold, and how they lie in tokens."""
