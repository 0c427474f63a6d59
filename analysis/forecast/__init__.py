"""How well skies of a given number of events would measure the transport, and how many tell two of its values apart."""
