"""What may stand on a magic line: words, options, values; and what may not: secrets."""
