"""A corner of the test cluster for each installation."""

import subprocess
import uuid


def postgresql_schema(conninfo):
    """An empty schema of its own in the test cluster, as a connection string."""
    schema = f"t{uuid.uuid4().hex[:12]}"
    subprocess.run(["psql", "-qX", conninfo, "-c", f"create schema {schema}"], check=True, stdin=subprocess.DEVNULL)
    joint = "&" if "?" in conninfo else "?"
    return f"{conninfo}{joint}options=-csearch_path%3D{schema}"
