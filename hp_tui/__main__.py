"""``python -m hp_tui`` is the same as ``hp-tui``."""

from hp_tui.cli.main import main

if __name__ == "__main__":
    main()
