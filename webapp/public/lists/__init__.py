"""Look up a whole list at once: titles pasted or exported from elsewhere, and where each can be seen; nothing of it is kept."""
