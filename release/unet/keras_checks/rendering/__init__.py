"""What was found, for people to read: as text, as HTML, in a notebook."""
