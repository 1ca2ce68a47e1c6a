"""How a body gets its place on the broker, what it has there, and how it is taken away: by the broker's management API."""
