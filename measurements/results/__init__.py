"""What came back: results, their outcomes, how they are read, and what could not be."""
