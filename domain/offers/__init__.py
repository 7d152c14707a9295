"""Answer what can be watched, when and where: availability, order, history, changes."""
