"""Load and check platform files, one TOML file a platform."""
