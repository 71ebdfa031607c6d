"""Stores for the tests of recorded traffic."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest

from hrm_router.traffic.store import TrafficStore


@pytest.fixture
def sqlite(tmp_path):
    store = TrafficStore(f"sqlite:///{tmp_path / 'traffic.db'}")
    yield store
    store.close()


@pytest.fixture(scope="session")
def postgres_url():
    """A real Postgres from the system's packages, started for these tests."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no Postgres is installed (Debian: apt-get install postgresql)")
    bins = found[-1].parent
    home = Path(tempfile.mkdtemp(prefix="postgres-"))  # pytest's folders are its user's alone
    as_user = []
    if os.getuid() == 0:  # Postgres refuses to run as root
        if shutil.which("runuser") is None:
            pytest.skip("Postgres cannot be started as root without runuser")
        as_user = ["runuser", "-u", "postgres", "--"]
        shutil.chown(home, "postgres")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = home / "data"
    start = [*as_user, bins / "initdb", "-D", data, "-U", "hrm", "--auth=trust", "-E", "UTF8"]
    subprocess.run(start, check=True, capture_output=True, cwd="/")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    control = [*as_user, bins / "pg_ctl", "-D", data, "-w"]
    log = ["-l", home / "log", "-o", options]
    subprocess.run([*control, *log, "start"], check=True, stdout=subprocess.DEVNULL, cwd="/")
    try:
        yield f"postgresql+psycopg://hrm@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], capture_output=True, cwd="/")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def postgres(postgres_url):
    import sqlalchemy as sa

    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    engine.dispose()
    store = TrafficStore(postgres_url)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.outside)])
def store(request):
    return request.getfixturevalue(request.param)
