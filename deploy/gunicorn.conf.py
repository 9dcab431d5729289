"""gunicorn for the console; `ANJU_HOST`, `ANJU_PORT` and `ANJU_WORKERS` decide where and how many."""

import gc
import os
from typing import Any

from services.chassis import settings

gc.disable()  # while the application is imported; see post_worker_init

with settings.report_invalid():
    bind = f"{os.environ.get('ANJU_HOST', '127.0.0.1')}:{settings.port()}"
    # One process with threads is enough for an office; production sets more.
    workers = settings.integer("ANJU_WORKERS", default=1, low=1, high=64)
    threads = settings.integer("ANJU_THREADS", default=8, low=1, high=64)
    loglevel = settings.log_level()

worker_class = "gthread"
timeout = 30
graceful_timeout = 8
keepalive = 5
max_requests = 20_000
max_requests_jitter = 2_000
errorlog = "-"
accesslog = None  # the console writes structured lines itself; URLs may carry what must not be logged
# A worker that writes its heartbeat to a slow disk stalls; memory is safe where it exists.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
control_socket_disable = True  # its default path is shared by every checkout of a user


def post_worker_init(worker: Any) -> None:
    """What was imported stays; the collector need not look at it again; a fault test may ask for one that dies."""
    gc.freeze()
    gc.enable()
    if os.environ.get("ANJU_FAULT", "").startswith("console_"):
        from deploy.faults.console import fragile

        worker.wsgi = fragile(worker.wsgi)
