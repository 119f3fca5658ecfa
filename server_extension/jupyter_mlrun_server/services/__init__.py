"""What the server does beside answering: launching, watching, telling, and holding the lock."""
