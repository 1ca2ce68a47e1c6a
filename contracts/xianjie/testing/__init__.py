"""For tests: the services in memory, given what was said before; when something is said; then what follows. `plugin` has the fixtures."""
