"""Market data: read-only panels, sessions and schedules, findings."""
