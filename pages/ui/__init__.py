"""What the pages share: state, caches, formats and rendering."""
