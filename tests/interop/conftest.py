import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from harness.fixtures import *  # noqa: E402,F401,F403  (the installations are those of the integration tests)
