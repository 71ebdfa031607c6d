"""The switchboard: finds what a query holds and sends it where it can be done. No torch."""
