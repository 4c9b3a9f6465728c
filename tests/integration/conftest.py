from harness.fixtures import *  # noqa: F401,F403  (fixtures and hooks shared with tests/interop)
