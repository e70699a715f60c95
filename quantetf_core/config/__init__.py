"""Configuration files as frozen, checked values."""
