"""A real kernel, and cells run in it as JupyterLab runs them, with their ids: for tests and benchmarks."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager

from tools.hub import forked


@contextmanager
def running_kernel() -> Iterator[tuple[KernelManager, BlockingKernelClient]]:
    """Start a kernel of this environment.

    Yields:
        The manager, to interrupt it, and a client, to run cells.
    """
    # This environment's kernel goes before one of the same name in the user's own folder.
    with mock.patch.dict(os.environ, JUPYTER_PREFER_ENV_PATH="1"):
        manager = KernelManager(kernel_name="python3")
        manager.start_kernel()
    client = manager.blocking_client()
    try:
        client.start_channels()
        client.wait_for_ready(timeout=60)
        yield manager, client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@contextmanager
def forking_kernels(loaded: Iterable[str] = forked.LOADED) -> Iterator[subprocess.Popen[bytes]]:
    """Have kernels forked from one process, as those of a class are.

    Args:
        loaded: what that process loads.

    Yields:
        The process, as soon as it listens.

    Raises:
        RuntimeError: it ends before.
    """
    with tempfile.TemporaryDirectory() as folder:
        address = Path(folder, "socket")
        forked.spell_out(Path(folder), address)
        code = f"from tools.hub import forked; forked.serve({str(address)!r}, {tuple(loaded)!r})"
        server = subprocess.Popen([sys.executable, "-c", code], cwd=Path(__file__).parent.parent)
        try:
            while not address.exists():
                if server.poll() is not None:
                    raise RuntimeError("the process that kernels are forked from has ended")
                time.sleep(0.1)
            with mock.patch.dict(os.environ, JUPYTER_PATH=folder):
                yield server
        finally:
            server.kill()
            server.wait()


def run_cell(
    client: BlockingKernelClient,
    code: str,
    cell: str | None = None,
    deleted: Iterable[str] = (),
    hook: Callable[[dict[str, Any]], None] | None = None,
) -> list[dict[str, Any]]:
    """Run a cell and wait for its end.

    Args:
        client: of the kernel.
        code: of the cell.
        cell: its id; without one, as a front end that sends none.
        deleted: ids of the cells that were deleted since the last run.
        hook: called with each message as soon as it comes.

    Returns:
        The messages that the cell sent, in order.
    """
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False}
    told = {} if cell is None else {"cellId": cell, "deletedCells": list(deleted)}
    request = client.session.msg("execute_request", content, metadata=told)
    client.shell_channel.send(request)
    messages = []
    while True:
        message = client.get_iopub_msg(timeout=120)
        if message["parent_header"].get("msg_id") != request["header"]["msg_id"]:
            continue
        if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
            return messages
        messages.append(message)
        if hook:
            hook(message)


def run_to_text(client: BlockingKernelClient, code: str, *cell: Any) -> str:
    """Run a cell as `run_cell` does.

    Returns:
        What it shows, as plain text.

    Raises:
        RuntimeError: the cell raised; with its traceback.
    """
    shown = ""
    for message in run_cell(client, code, *cell):
        content = message["content"]
        if message["msg_type"] == "error":
            raise RuntimeError("\n".join(content["traceback"]))
        shown += content.get("data", {}).get("text/plain", "") or content.get("text", "")
    return shown
