"""Does a class on one machine work? ``make hub-check`` starts the hub of docs/teaching.md for a class of three.

On loopback, in an empty folder: each learner signs in, their server starts with a copy of the course, a cell runs
in a kernel of theirs. Then a newer course comes out: after the next start the learner's answers are there, and
the newer lesson lies beside them. A killed server starts again. A wrong password, a name that is no name,
a place without room are refused. The teacher's report reads what the class has done.
"""

import contextlib
import html
import http.cookiejar
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
from websocket import create_connection

from tools.check_release import ANSWER, ROOT, copy_of_source, first_lesson, make_newer, type_into

LEARNERS = ("ada", "bo", "cy")
PASSWORD = "one for the class"  # of a hub that lives for a minute, on loopback


def free_ports(count: int) -> int:
    """Find a port after which others are free too."""
    while True:
        with contextlib.ExitStack() as held:
            first = held.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1]
            with contextlib.suppress(OSError, OverflowError):
                for port in range(first + 1, first + count):
                    held.enter_context(socket.create_server(("127.0.0.1", port)))
                return first


@contextlib.contextmanager
def running_hub(course: Path, folder: Path) -> Iterator[str]:
    """Start the hub as docs/teaching.md does.

    Args:
        course: a checkout, or a copy of one.
        folder: of the class.

    Yields:
        Its address.
    """
    port = free_ports(3)
    surroundings = os.environ | {
        "PYTHONPATH": os.pathsep.join([str(course), str(ROOT / ".hub")]),
        "CLASS_FOLDER": str(folder),
        "CLASS_PORT": str(port),
        "CLASS_PASSWORD": PASSWORD,
        "CLASS_PROXY": str(ROOT / ".hub/node_modules/.bin/configurable-http-proxy"),
    }
    surroundings.pop("CONV1D_TUTOR_PROGRESS", None)
    config = course / "tools/hub/jupyterhub_config.py"
    log = (folder.parent / "hub.log").open("a", encoding="utf-8")
    command = [sys.executable, "-m", "jupyterhub", "-f", str(config)]
    hub = subprocess.Popen(command, cwd=course, env=surroundings, stdout=log, stderr=log, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            if hub.poll() is not None:
                break
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/hub/health", timeout=5):
                break
            time.sleep(0.5)
        else:
            hub.kill()
        if hub.poll() is not None:
            raise RuntimeError(f"the hub did not start:\n{Path(log.name).read_text(encoding='utf-8')[-4000:]}")
        yield address
    finally:
        children = psutil.Process(hub.pid).children(recursive=True) if hub.poll() is None else []
        hub.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            hub.wait(30)
        for process in (*children, hub):
            with contextlib.suppress(psutil.Error):
                process.kill()
        log.close()


class Browser:
    """Somebody's browser: cookies, and what a page does with the hub.

    Args:
        address: of the hub.
        name: with which they sign in.
    """

    def __init__(self, address: str, name: str) -> None:
        """Begin without cookies."""
        self.address, self.name, self.cookies = address, name, http.cookiejar.CookieJar()
        self.open_ = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies)).open

    def cookie(self, path: str) -> str:
        """The token against forged requests that goes with a path."""
        fitting = [one for one in self.cookies if one.name == "_xsrf" and path.startswith(one.path)]
        return max(fitting, key=lambda one: len(one.path)).value or "" if fitting else ""

    def ask(self, path: str, data: Any = None, method: str = "GET") -> str:
        """Fetch a page, or send something."""
        headers = {"X-XSRFToken": self.cookie(path)}
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"{self.address}{path}", body, headers, method=method)
        with self.open_(request, timeout=120) as answer:
            return answer.read().decode()

    def sign_in(self, password: str = PASSWORD) -> bool:
        """Sign in; whether that was allowed."""
        self.ask("/hub/login")
        form = {"username": self.name, "password": password, "_xsrf": self.cookie("/hub/")}
        with contextlib.suppress(urllib.error.HTTPError):
            self.open_(
                f"{self.address}/hub/login?next=/hub/home", urllib.parse.urlencode(form).encode(), timeout=60
            )
        with contextlib.suppress(urllib.error.HTTPError):
            return "/hub/logout" in self.ask("/hub/home")
        return False

    def start_server(self) -> None:
        """Start their server and wait for it.

        Raises:
            RuntimeError: it does not start; with what the page says.
        """
        try:
            self.ask("/hub/spawn")
        except urllib.error.HTTPError as error:
            page = html.unescape(re.sub(r"<[^>]*>|\s+", " ", error.read().decode()))
            raise RuntimeError(f"{self.name} has no server: {error}\n{page}") from None
        for _ in range(240):
            page = self.ask(f"/hub/spawn-pending/{self.name}")
            if "spawn-pending" not in page and "Your server is starting" not in page:
                break
            time.sleep(0.5)
        try:
            self.ask(f"/user/{self.name}/lab")
            json.loads(self.ask(f"/user/{self.name}/api/contents/"))
        except (urllib.error.HTTPError, ValueError) as error:
            raise RuntimeError(f"{self.name} has no server: {error}\n{page[:3000]}") from None

    def run(self, code: str) -> str:
        """Run a cell in a new kernel of theirs, beside the lessons; what it printed."""
        body = {"path": "notebooks/x.ipynb", "type": "notebook", "name": "", "kernel": {"name": "python3"}}
        kernel = json.loads(self.ask(f"/user/{self.name}/api/sessions", body, "POST"))["kernel"]["id"]
        path = f"/user/{self.name}/api/kernels/{kernel}"
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.cookies if path.startswith(one.path))
        where = f"{self.address.replace('http', 'ws')}{path}/channels?_xsrf={self.cookie(path)}"
        channel = create_connection(where, cookie=cookies, timeout=120, origin=self.address)
        header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "", "session": "s"}
        header |= {"date": "2026-01-01T00:00:00Z", "version": "5.3"}
        content = {"code": code, "silent": False, "store_history": False, "user_expressions": {}}
        message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
        channel.send(json.dumps(message))
        said = ""
        while True:
            told = json.loads(channel.recv())
            if told["parent_header"].get("msg_id") != header["msg_id"]:
                continue
            said += told["content"].get("text", "") + "\n".join(told["content"].get("traceback", []))
            if told["msg_type"] == "status" and told["content"]["execution_state"] == "idle":
                channel.close()
                return said


def expect(right: bool, otherwise: str) -> None:
    """Stop where something is not so.

    Raises:
        RuntimeError: it is not so.
    """
    if not right:
        raise RuntimeError(otherwise)


def main() -> None:
    """Go the whole way, and say what was done."""
    began = time.perf_counter()

    def say(what: str) -> None:
        print(f"{time.perf_counter() - began:5.0f} s  {what}", flush=True)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        course, folder = copy_of_source(Path(scratch, "source")), Path(scratch, "class")
        with running_hub(course, folder) as address:
            say("the hub runs")
            expect(not Browser(address, "ada").sign_in("wrong"), "a wrong password was taken")
            for name in ("../ada", "A b", ".hidden"):
                expect(not Browser(address, name).sign_in(), f"{name} may be no name")
            expect(not list(folder.glob("*/")) or not (folder / "ada").exists(), "somebody was let in")
            say("a wrong password and names that are no names are refused")
            for name in LEARNERS:
                browser = Browser(address, name)
                expect(browser.sign_in(), f"{name} cannot sign in")
                browser.start_server()
                said = browser.run(f"{ANSWER}\nimport os, conv1d_tutor; print(os.getcwd(), os.getppid())")
                expect(str(folder / name / "my_course") in said, f"{name}'s kernel is elsewhere: {said}")
                above = psutil.Process(int(said.split()[-1])).cmdline()
                expect(sys.platform != "linux" or "serve" in above, f"{name}'s kernel is not forked: {above}")
                done = json.loads((folder / name / "my_course/progress.json").read_text(encoding="utf-8"))["done"]
                expect(len(done) == 1, f"{name}'s answer is not kept")
                say(f"{name} signed in, has a copy, ran a cell, and their answer is kept")
            mine = first_lesson(folder / "ada/my_course")
            type_into(mine, nbformat.v4.new_markdown_cell("Mine.", id="mine"))
            before = mine.read_bytes()
        make_newer(course)
        blocked = folder / "dan"
        blocked.write_text("no room for a folder", encoding="utf-8")
        with running_hub(course, folder) as address:
            browser = Browser(address, "ada")
            expect(browser.sign_in(), "ada cannot sign in again")
            browser.start_server()
            expect(mine.read_bytes() == before, "the update has changed a lesson")
            expect(mine.with_name(f"{mine.stem}.updated.ipynb").is_file(), "the newer lesson is not beside it")
            say("after the hub was stopped and a newer course came, ada's lesson is hers, the newer one beside it")
            servers = [
                p for p in psutil.process_iter(["cmdline"]) if "jupyterhub.singleuser" in (p.info["cmdline"] or [])
            ]
            ours = [p for p in servers if str(folder) in str(p.environ().get("HOME"))]
            for process in ours:
                process.kill()
            expect(bool(ours), "there was no server to kill")
            time.sleep(1)
            for _ in range(60):  # the hub looks after its servers now and then
                with contextlib.suppress(RuntimeError, urllib.error.HTTPError):
                    browser.start_server()
                    break
                time.sleep(1)
            expect("42" in browser.run("print(6 * 7)"), "no server after one was killed")
            say("a killed server starts again")
            other = Browser(address, "dan")
            expect(other.sign_in(), "dan cannot sign in")
            told = ""
            try:
                other.start_server()
            except RuntimeError as problem:
                told = str(problem)
            expect("my_course cannot be written" in told, f"dan is not told why there is no server:\n{told}")
            say("who has no room for a copy is told so, and the others work on")
        command = [sys.executable, "-m", "conv1d_tutor", "report", str(folder)]
        told = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
        ).stdout
        for name in LEARNERS:
            expect(
                re.search(rf"^{name} .* 1 ", told, re.MULTILINE) is not None, f"the report has no {name}:\n{told}"
            )
        say("the report reads what the class has done")


if __name__ == "__main__":
    main()
