"""The bridge: HTTP for agencies without AMQP. It says what they say and hands out their inboxes; it decides and stores nothing."""
