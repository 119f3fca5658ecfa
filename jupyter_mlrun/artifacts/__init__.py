"""What runs leave: one kind of artifact per module, and the registry that packs values by type."""
