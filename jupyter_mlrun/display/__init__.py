"""What a notebook shows: cards of runs, tables, what ships."""
