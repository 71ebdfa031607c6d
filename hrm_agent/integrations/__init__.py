"""Where specialists and the router meet other people's frameworks; one part for each."""
