"""A notebook as a module and a function beside it."""
