"""What an agency keeps in a file of its own, and who speaks and listens for it: nothing said is lost, nothing heard is handled twice."""
