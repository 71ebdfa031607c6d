"""How good specialists are, in numbers; uses their engines through public names."""
