"""The only writer of decisions."""
