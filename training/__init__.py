"""How the shipped models are made and measured; not part of the package."""
