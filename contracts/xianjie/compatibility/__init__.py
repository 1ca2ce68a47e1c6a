"""What may change in a published contract: two of them side by side, by who says and who reads, and for every break a message that proves it."""
