"""How long a record waits for its acknowledgement under light load, on a disk that syncs in one millisecond.

    Scripts/bench latency

The data is in memory (/dev/shm) and every fsync and fdatasync of the server sleeps for a millisecond, so that the figure
is the program's and not that of whatever disk the machine has. One record at a time, two hundred a second: over TCP with
numbered acknowledgements, and over one kept HTTP connection.
"""

import argparse
import http.client
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

RECORDS = 3000
PAUSE = 0.005

SHIM = """
#include <time.h>
static int wait_for_disk(void) {
    struct timespec millisecond = {0, 1000000};
    nanosleep(&millisecond, 0);
    return 0;
}
int fdatasync(int file) { return wait_for_disk(); }
int fsync(int file) { return wait_for_disk(); }
"""


def record(number):
    fields = {"_msg": f"order {number} paid", "service": "shop", "trace_id": f"{number:032x}", "duration_ms": number % 90}
    return json.dumps(fields).encode() + b"\n"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def timed(send):
    """Milliseconds of each record, sorted."""
    times = []
    for number in range(RECORDS):
        start = time.monotonic()
        send(record(number))
        times.append((time.monotonic() - start) * 1000)
        time.sleep(PAUSE)
    return sorted(times)


def over_tcp(port):
    link = socket.create_connection(("127.0.0.1", port))
    answers = link.makefile("rb")
    link.sendall(b'{"plumb":1,"agent":"latency","first":1}\n')
    answers.readline()

    def send(line):
        link.sendall(line)
        if b'"ack"' not in answers.readline():
            raise SystemExit("no acknowledgement")

    return timed(send)


def over_http(port):
    link = http.client.HTTPConnection("127.0.0.1", port)

    def send(line):
        link.request("POST", "/insert/jsonline", line)
        answer = link.getresponse()
        if answer.status != 200 or b'"accepted":1' not in answer.read():
            raise SystemExit("not accepted")

    return timed(send)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plumb", required=True)
    plumb = parser.parse_args().plumb
    folder = tempfile.mkdtemp(prefix="plumbline-latency.", dir="/dev/shm")
    try:
        source, shim = os.path.join(folder, "disk.c"), os.path.join(folder, "disk.so")
        with open(source, "w") as file:
            file.write(SHIM)
        compiler = shutil.which("clang") or shutil.which("cc")
        subprocess.run([compiler, "-O2", "-shared", "-fPIC", "-o", shim, source], check=True)
        http_port, tcp_port = free_port(), free_port()
        command = [
            plumb, "serve", "--data", os.path.join(folder, "data"), "--http", f"127.0.0.1:{http_port}",
            "--tcp", f"127.0.0.1:{tcp_port}",
        ]
        server = subprocess.Popen(
            command, env=dict(os.environ, LD_PRELOAD=shim), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", tcp_port)).close()
                break
            except OSError:
                time.sleep(0.05)
        print(f"\n{'sent until acknowledged, one record at a time, ms':<52}{'p50':>8}{'p99':>8}{'goal':>8}")
        for name, times in (("TCP", over_tcp(tcp_port)), ("HTTP", over_http(http_port))):
            print(f"{name:<52}{times[RECORDS // 2]:8.2f}{times[RECORDS * 99 // 100]:8.2f}{5:8}")
        server.terminate()
        server.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
