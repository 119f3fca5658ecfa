"""A cell and everything it needs, as one module that runs anywhere."""
