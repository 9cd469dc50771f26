"""A company whose customers pay in all kinds of ways, and what is true of its money."""
