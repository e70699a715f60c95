"""``python -m quantetf_core``."""

import sys

from quantetf_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
