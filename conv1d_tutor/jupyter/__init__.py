"""What does Jupyter need? The extension, the examination of the environment, and the server with its settings."""
