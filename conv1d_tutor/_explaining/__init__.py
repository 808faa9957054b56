"""How `explain` works inside: shadow → run → causes → repairs → words. Nothing here is public."""
