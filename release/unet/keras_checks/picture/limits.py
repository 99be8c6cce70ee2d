"""How much of a network is drawn: a picture of a stranger's network stays small, whatever the network is."""

MOST_LAYERS = 120
MOST_MISSING = 40
MOST_SOURCES = 12
MOST_EDGES = 400
MOST_CAPTIONS = 20
MOST_ROWS = 45
