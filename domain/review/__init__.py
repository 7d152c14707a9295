"""Queue doubtful links for agents and apply their answers."""
