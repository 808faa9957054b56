"""How do all kernels of a class share one torch? They are forked from one process that has loaded it.

What nobody writes to stays shared after a fork: a learner's kernel takes for itself what their own cells make, and
starts with everything loaded. Where that process is not there yet, or no longer, a kernel starts by itself, as
everywhere. It takes a Unix; JupyterHub runs on no other system.

Usage: python forked.py serve SOCKET                  once, for the class
       python forked.py kernel SOCKET ARGUMENTS…      for each kernel, as its `kernel.json` has it
"""

import array
import json
import os
import signal
import socket
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

#: What the lessons load. Not ipywidgets: it looks for the kernel that it belongs to when it is loaded.
LOADED = (
    *("ipykernel.kernelapp", "matplotlib.pyplot", "pandas", "scipy.signal", "sklearn.linear_model"),
    *("sklearn.model_selection", "torch", "torch.fx.experimental.symbolic_shapes"),
    *(f"conv1d_tutor.{room}" for room in ("datasets", "exercises", "explainer", "plotting", "verify")),
)


def spell_out(folder: Path, address: Path) -> None:
    """Write the ``kernel.json`` of kernels that are forked.

    Args:
        folder: one of those in ``JUPYTER_PATH``.
        address: the socket of the process to fork from.
    """
    from ipykernel.kernelspec import get_kernel_dict

    spec = folder / "kernels/python3/kernel.json"
    spec.parent.mkdir(parents=True, exist_ok=True)
    # -I -S: what only waits for its kernel to end loads nothing.
    waits = [sys.executable, "-I", "-S", str(Path(__file__).resolve()), "kernel", str(address)]
    about = get_kernel_dict() | {"argv": [*waits, "-f", "{connection_file}"], "interrupt_mode": "message"}
    spec.write_text(json.dumps(about, indent=1), encoding="utf-8")


def serve(address: str, loaded: Iterable[str] = LOADED) -> None:
    """Load what lessons need, and fork a kernel for each caller.

    Args:
        address: where to listen; made anew.
        loaded: the modules to load.
    """
    import gc
    import importlib

    # Read when matplotlib is loaded; a kernel would set it itself.
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in loaded:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()  # the search for lost objects would write to what is shared
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the kernels
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(f"{address}.new")
        door.listen(128)
        Path(f"{address}.new").replace(address)  # where it is found it can be called
        while True:
            caller = door.accept()[0]
            if os.fork() == 0:
                door.close()
                return become_kernel(caller)
            caller.close()


def become_kernel(caller: socket.socket) -> None:
    """Be the kernel of a caller: in its folder, with its environment and output, for as long as it lives."""
    import threading

    import numpy as np
    import torch
    from ipykernel.kernelapp import IPKernelApp

    told, streams, _, _ = socket.recv_fds(caller, 1 << 18, 3)
    asked = json.loads(told)
    os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.umask(asked["umask"])
    os.chdir(asked["folder"])
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    np.random.seed()  # noqa: NPY002  # two learners draw different numbers, as from kernels of their own;
    torch.seed()  # Python's random sees to that by itself

    def end_with_caller() -> None:
        caller.recv(1)
        os._exit(0)

    threading.Thread(target=end_with_caller, daemon=True).start()
    # Whose parent is process 1 looks after no parent: the caller is looked after above.
    IPKernelApp.launch_instance([*asked["arguments"], "--IPKernelApp.parent_handle=1"])


def call(address: str, *arguments: str) -> None:
    """Ask for a kernel and wait until it ends; without an answer become one."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as kernel:
        umask = os.umask(0)
        os.umask(umask)
        asked = {
            "arguments": arguments,
            "environment": dict(os.environ),
            "folder": str(Path.cwd()),
            "umask": umask,
        }
        try:
            kernel.connect(address)
            streams = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", (0, 1, 2)))]
            kernel.sendmsg([json.dumps(asked).encode()], streams)
        except OSError:
            os.execv(sys.executable, [sys.executable, "-m", "ipykernel_launcher", *arguments])
        kernel.recv(1)


def main(arguments: Sequence[str]) -> None:
    """Do one of the two."""
    if arguments[0] == "serve":
        serve(arguments[1])
    else:
        call(*arguments[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
