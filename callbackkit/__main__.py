"""The command line, as `callbackkit` and as `python -m callbackkit`."""

from callbackkit.cli import main

if __name__ == "__main__":
    main(prog_name="callbackkit")
