echo shell $1
