"""The front door of intake: HTTP for applicants. It says what they say, shows where a case stands, and never writes the log."""
