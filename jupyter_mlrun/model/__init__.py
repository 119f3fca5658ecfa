"""MLRun's documents: what to run and what came of it, never where."""
