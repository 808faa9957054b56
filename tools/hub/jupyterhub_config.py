"""How does a class work on one machine? In a JupyterHub that gives each a folder, a copy of the course, a server.

Everything runs as the one user who starts it, so learners can read each other's files: it is for a class that
trusts each other. It listens on this machine alone; docs/teaching.md says how others reach it. Each time a
learner's server starts, their copy is made or brought up to date, and what they changed stays (`own_copy`).

Environment variables: CLASS_FOLDER, where the learners' folders lie; CLASS_PASSWORD, one for all, of at least 8
letters; CLASS_TEACHER and CLASS_TEACHER_PASSWORD, of at least 32, for who may stop servers; CLASS_PORT, and two
more ports after it; CLASS_PROXY, the program configurable-http-proxy.
"""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from tornado.web import HTTPError

from conv1d_tutor.jupyter import own_copy
from conv1d_tutor.jupyter.surroundings import server_environment
from tools.hub import forked

c: Any = get_config()  # type: ignore[name-defined]  # noqa: F821  # JupyterHub gives it

HUB = Path(__file__).resolve().parents[2] / ".hub"
FOLDER = Path(os.environ.get("CLASS_FOLDER", "class")).resolve()
PORT = int(os.environ.get("CLASS_PORT", "8000"))
PROXY = os.environ.get("CLASS_PROXY", str(HUB / "node_modules/.bin/configurable-http-proxy"))
FOLDER.mkdir(parents=True, exist_ok=True)

c.JupyterHub.bind_url = f"http://127.0.0.1:{PORT}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{PORT + 1}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 2}"
c.ConfigurableHTTPProxy.command = [PROXY]
c.ConfigurableHTTPProxy.pid_file = str(FOLDER / ".proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{FOLDER / '.hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(FOLDER / ".cookie_secret")

c.JupyterHub.authenticator_class = "shared-password"
c.SharedPasswordAuthenticator.user_password = os.environ["CLASS_PASSWORD"]
c.Authenticator.allow_all = True
# The name becomes the name of a folder.
c.Authenticator.username_pattern = r"[a-z][a-z0-9_-]{0,30}\Z"
if os.environ.get("CLASS_TEACHER"):
    c.Authenticator.admin_users = {os.environ["CLASS_TEACHER"]}
    c.SharedPasswordAuthenticator.admin_password = os.environ["CLASS_TEACHER_PASSWORD"]

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(FOLDER / "{username}")
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
c.Spawner.default_url = f"/lab/tree/{own_copy.FIRST_LESSON}"
c.Spawner.http_timeout = c.Spawner.start_timeout = 120
# A class runs the same cell at once: with one thread each, ten learners are as fast as the cores.
c.Spawner.environment = server_environment() | {
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": os.environ.get("PYTHONPATH", ""),
}
if sys.platform == "linux":
    # Kernels share what lessons load. The socket's address has to be short, and its folder is this user's alone.
    short = Path(tempfile.mkdtemp(prefix="conv1d-tutor-"))
    atexit.register(shutil.rmtree, short, ignore_errors=True)
    forked.spell_out(short, short / "kernels.socket")
    command = [sys.executable, "-P", forked.__file__, "serve", str(short / "kernels.socket")]
    c.JupyterHub.services = [{"name": "kernels", "command": command, "environment": c.Spawner.environment}]
    c.Spawner.environment |= {"JUPYTER_PATH": f"{short}:{c.Spawner.environment['JUPYTER_PATH']}"}


def bring_course(spawner: Any) -> None:
    """Make or renew a learner's copy; what stands against it, a full disk, stands in the page and in the log."""
    home = FOLDER / spawner.user.name
    copy = home / "my_course"
    spawner.notebook_dir = str(copy)
    try:
        for line in own_copy.update(copy):
            spawner.log.info("%s: %s", spawner.user.name, line)
    except own_copy.CopyError as problem:
        if not (copy / own_copy.FIRST_LESSON).exists():
            refusal = HTTPError(507)
            refusal.jupyterhub_message = str(problem)  # type: ignore[attr-defined]  # the page shows it
            raise refusal from None
        spawner.log.warning("%s: %s", spawner.user.name, problem)  # what they have can still be worked on


c.Spawner.pre_spawn_hook = bring_course
