"""Images of functions: what is built, as pure text, and who builds it, here or on a cluster."""
