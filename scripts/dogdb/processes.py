"""How a command ends before its time: with all that it has begun."""

import os
import signal
import threading
import time
from collections.abc import Callable

WATCH_SECONDS = 0.5
"""How often a process looks whether its parent is still there."""


def end_on_signals(interrupt: Callable[[], None]) -> None:
    """Let SIGTERM and SIGHUP end this process as an error does: blocks are left, exit code 1.

    Python obeys a signal when the call it is in comes back, and one that waits for the database
    may not for long: so something is called at once, in a thread, to bring it back.

    Args:
        interrupt: what is called; for Ctrl-C, too.
    """
    ending = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

    def end(number: int, _: object) -> None:
        raise SystemExit(f"ended by {signal.Signals(number).name}")

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:  # under nohup it is ignored
            signal.signal(number, end)
    come, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def listen() -> None:
        while number := os.read(come, 1):
            if number[0] in ending:
                interrupt()

    threading.Thread(target=listen, daemon=True).start()


def end_with(parent: int) -> None:
    """End this process when its parent has ended, however that came about.

    Args:
        parent: its process id.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(WATCH_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
