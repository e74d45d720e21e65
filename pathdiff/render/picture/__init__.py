"""Pictures of the two graphs: places for nodes, labels and edges as data, and what is written from them."""
