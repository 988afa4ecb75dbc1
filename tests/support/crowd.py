"""Process that holds idle and slow connections to a server open until its input ends.

It runs at low priority (nice), because its own work is not measured.

python tests/support/crowd.py ADDRESS IDLE SLOW
"""

import contextlib
import os
import select
import sys
import time

from connections import REQUEST, idle_connections


def main() -> None:
    os.nice(10)
    address, idle, slow = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    with idle_connections(address, idle), idle_connections(address, slow) as dripping:
        for each in dripping:
            each.sendall(REQUEST)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            for each in dripping:
                with contextlib.suppress(OSError):
                    each.sendall(b"x")
                if select.select([sys.stdin], [], [], 0)[0]:
                    return
                time.sleep(0.005)


if __name__ == "__main__":
    main()
