"""How a command ends before its time: with all that it has begun."""

import os
import signal
import threading
import time
from collections.abc import Callable

WATCH_SECONDS = 0.5
"""How often a process looks whether its parent is still there."""

OBEY_SECONDS = 0.3
"""How long Python may take to obey a signal before what it waits for is cut off."""


def end_on_signals(interrupt: Callable[[], None]) -> None:
    """Let SIGTERM and SIGHUP end this process as an error does: blocks are left, exit code 1.

    Python obeys a signal when the call it is in comes back, and one that waits for the database
    may not for long. Where it does not at once, something is called in a thread to bring it back;
    where it does, it is not, or what cleans up would be cut off.

    Args:
        interrupt: what is called; for Ctrl-C, too.
    """
    obeyed = threading.Event()

    def end(number: int, _: object) -> None:
        obeyed.set()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(f"ended by {signal.Signals(number).name}")

    for number, usual in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGTERM, signal.SIG_DFL),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is usual:  # under nohup it is ignored
            signal.signal(number, end)
    come, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)

    def listen() -> None:
        while number := os.read(come, 1):
            if signal.getsignal(number[0]) is end:
                while not obeyed.wait(OBEY_SECONDS):
                    interrupt()
                obeyed.clear()

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
