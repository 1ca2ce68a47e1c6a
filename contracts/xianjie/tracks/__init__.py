"""The tracks as data: which steps a body may take, which clocks they start and meet, and which outcomes end them."""
