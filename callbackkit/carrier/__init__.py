"""A carrier on this machine: what every dialect of one shares."""
