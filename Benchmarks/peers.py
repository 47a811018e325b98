"""Runs plumb beside VictoriaLogs and ClickHouse on the same rows of the corpus `platform`, one after the other.

    Scripts/bench peers --victoria-logs PATH [--chdb FOLDER] [--rows N]

PATH is a VictoriaLogs server that the machine has; FOLDER holds the Python package chdb (`pip install --target FOLDER
chdb`), which is ClickHouse in a library. Both are optional and neither is installed from here.

plumb and VictoriaLogs get the same requests from the same client: NDJSON over two HTTP connections, then LogsQL. What
differs is said in the table: plumb answers when rows are on disk (fdatasync), VictoriaLogs before, ClickHouse reads the
file by itself into a table that was made by hand for it.
"""

import argparse
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

REQUEST_BYTES = 1 << 20
LOOKUPS = 100
REPEATS = 15

QUERIES = [
    "* | stats by (service, level) count()",
    "* | stats by (_time:5m) count()",
    "* | stats by (service) quantile(0.99, duration_ms), avg(db.duration_ms)",
    "* | stats count_uniq(trace_id)",
    "* | top 10 by (client_ip)",
    '"read from cache" limits | stats count()',
    '_msg:~"[0-9]+ passages|[0-9]+ rules" | stats count()',
    "level:error | sort by (_time desc) | limit 100",
    "user_id:=21622",
]

SCHEMA = """
    time DateTime64(9) codec(Delta, ZSTD(1)), level LowCardinality(String), service LowCardinality(String),
    pod LowCardinality(String), host LowCardinality(String), msg String codec(ZSTD(1)),
    trace_id FixedString(16) codec(ZSTD(1)), span_id FixedString(8) codec(ZSTD(1)),
    parent_span_id FixedString(8) codec(ZSTD(1)), method LowCardinality(String), route LowCardinality(String),
    status UInt16 codec(ZSTD(1)), duration_ms Float64 codec(ZSTD(1)), db_ms Nullable(Float64) codec(ZSTD(1)),
    client_ip Nullable(IPv4) codec(ZSTD(1)), cost Nullable(Float64) codec(ZSTD(1)), model LowCardinality(String),
    prompt_version LowCardinality(String), tokens_in Nullable(UInt32) codec(ZSTD(1)),
    tokens_out Nullable(UInt32) codec(ZSTD(1)), plan LowCardinality(String), region LowCardinality(String),
    request_id String codec(ZSTD(1)), tenant Nullable(UInt32) codec(ZSTD(1)), user_id Nullable(UInt32) codec(ZSTD(1)),
    index traces trace_id type bloom_filter(0.01) granularity 1,
    index words msg type tokenbf_v1(8192, 3, 0) granularity 1"""

SOURCE = """_time String, level String, service String, pod String, host String, _msg String,
    trace_id Nullable(String), span_id Nullable(String), parent_span_id Nullable(String),
    http Tuple(method Nullable(String), route Nullable(String), status Nullable(UInt16)), duration_ms Float64,
    db Tuple(duration_ms Nullable(Float64)), client_ip String,
    llm Tuple(cost_usd Nullable(Float64), model Nullable(String), prompt_version Nullable(String),
              tokens_in Nullable(UInt32), tokens_out Nullable(UInt32)),
    plan Nullable(String), region Nullable(String), request_id Nullable(String), tenant Nullable(UInt32),
    user_id Nullable(UInt32)"""

COLUMNS = """parseDateTime64BestEffort(_time, 9), level, service, pod, host, _msg, unhex(coalesce(trace_id, '')),
    unhex(coalesce(span_id, '')), unhex(coalesce(parent_span_id, '')), coalesce(http.method, ''),
    coalesce(http.route, ''), coalesce(http.status, 0), duration_ms, db.duration_ms, toIPv4OrNull(client_ip),
    llm.cost_usd, coalesce(llm.model, ''), coalesce(llm.prompt_version, ''), llm.tokens_in, llm.tokens_out,
    coalesce(plan, ''), coalesce(region, ''), coalesce(request_id, ''), tenant, user_id"""


def median(values):
    return sorted(values)[len(values) // 2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def folder_bytes(path):
    """Bytes of all files below; a file that is linked twice counts once."""
    seen = {}
    for folder, _, names in os.walk(path):
        for name in names:
            found = os.stat(os.path.join(folder, name))
            seen[found.st_ino] = found.st_size
    return sum(seen.values())


class Server:
    """A server process with its CPU seconds and its peak of resident memory."""

    def __init__(self, command, port, log):
        self.port = port
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        for _ in range(400):
            try:
                if self.ask("/health", {})[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.05)
        raise SystemExit(f"{command[0]} does not answer; see {log.name}")

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def peak(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(r"VmHWM:\s+(\d+)", file.read()).group(1)) / 1024

    def ask(self, path, form):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        body = urllib.parse.urlencode(form)
        link.request("POST" if form else "GET", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
        answer = link.getresponse()
        return answer.status, answer.read()

    def upkeep(self, path):
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        link.request("POST", path)
        link.getresponse().read()

    def ship(self, file, path):
        """One connection: requests of about a mebibyte of whole lines, the next one after the answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        with open(file, "rb") as source:
            while piece := source.read(REQUEST_BYTES):
                piece += source.readline()
                link.request("POST", path, piece, {"Content-Type": "application/stream+json"})
                answer = link.getresponse()
                text = answer.read()
                if answer.status // 100 != 2:
                    raise SystemExit(f"{path}: {answer.status} {text[:300]}")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def measure_server(command, port, data, insert, files, rows, ids, log):
    server = Server(command, port, log)
    before = server.cpu()
    start = time.monotonic()
    links = [threading.Thread(target=server.ship, args=(file, insert)) for file in files]
    for link in links:
        link.start()
    for link in links:
        link.join()
    seconds = time.monotonic() - start
    server.upkeep("/internal/force_flush")
    server.upkeep("/internal/force_merge")
    last = -1
    while last != (last := server.cpu()):
        # VictoriaLogs answers before its merges are done.
        time.sleep(5)
    count = json.loads(server.ask("/select/logsql/query", {"query": "* | stats count() as rows"})[1])
    if int(count["rows"]) != rows:
        raise SystemExit(f"{count['rows']} rows are stored, not {rows}")
    figures = {
        "CPU, µs a row, merging in": (last - before) * 1e6 / rows,
        "rows/s": rows / seconds,
        "peak memory, MB": server.peak(),
    }
    figures["one request by ID, median ms"] = ask_all(server, [f'trace_id:="{known}"' for known in ids])
    absent = [f'trace_id:="{random.getrandbits(128):032x}"' for _ in range(LOOKUPS)]
    figures["an ID that does not exist, median ms"] = ask_all(server, absent)
    for query in QUERIES:
        figures[query] = ask_all(server, [query] * REPEATS)
    server.stop()
    figures["bytes a row on disk"] = folder_bytes(data) / rows
    return figures


def ask_all(server, queries):
    times = []
    for query in queries:
        start = time.monotonic()
        status, text = server.ask("/select/logsql/query", {"query": query})
        times.append((time.monotonic() - start) * 1000)
        if status != 200:
            raise SystemExit(f"{query}: {status} {text[:300]}")
    return median(times)


def measure_clickhouse(file, data, rows, ids):
    """In a process of its own, so that CPU and memory are its own."""
    from chdb.session import Session

    session = Session(data)
    session.query("create database peer engine=Atomic")
    session.query(f"create table peer.logs ({SCHEMA}) engine=MergeTree order by time")
    before = sum(os.times()[:2])
    start = time.monotonic()
    session.query(
        f"insert into peer.logs select {COLUMNS} from file('{file}', 'JSONEachRow', '{SOURCE}') "
        "settings max_threads=2, input_format_skip_unknown_fields=1"
    )
    seconds = time.monotonic() - start
    session.query("optimize table peer.logs final")
    figures = {"CPU, µs a row, merging in": (sum(os.times()[:2]) - before) * 1e6 / rows, "rows/s": rows / seconds}
    import resource

    figures["peak memory, MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    stored = session.query("select sum(bytes_on_disk), sum(rows) from system.parts where active and table='logs'", "CSV")
    stored_bytes, stored_rows = (int(part) for part in str(stored).split(","))
    if stored_rows != rows:
        raise SystemExit(f"{stored_rows} rows are stored, not {rows}")
    figures["bytes a row on disk"] = stored_bytes / rows
    lookups = {
        "one request by ID, median ms": ids,
        "an ID that does not exist, median ms": [f"{random.getrandbits(128):032x}" for _ in range(LOOKUPS)],
    }
    for name, wanted in lookups.items():
        times = []
        for known in wanted:
            start = time.monotonic()
            query = f"select * from peer.logs where trace_id=unhex('{known}') order by time"
            session.query(query, "JSONEachRow").bytes()
            times.append((time.monotonic() - start) * 1000)
        figures[name] = median(times)
    return figures


def clickhouse_in_process(options, file, data, rows, ids):
    request = json.dumps({"file": file, "data": data, "rows": rows, "ids": ids})
    environment = dict(os.environ, PYTHONPATH=options.chdb)
    command = [sys.executable, os.path.abspath(__file__), "--clickhouse"]
    answer = subprocess.run(command, input=request, capture_output=True, text=True, env=environment)
    if answer.returncode != 0:
        raise SystemExit(answer.stderr[-2000:])
    return json.loads(answer.stdout.splitlines()[-1])


def prepare(plumb, rows, folder):
    """The corpus, its odd and its even lines, and some of its trace IDs."""
    whole, odd, even = (os.path.join(folder, name) for name in ("all.ndjson", "one.ndjson", "two.ndjson"))
    with open(whole, "wb") as file:
        subprocess.run([plumb, "corpus", "platform", "--rows", str(rows)], stdout=file, check=True)
    ids = []
    with open(whole, "rb") as file, open(odd, "wb") as one, open(even, "wb") as two:
        for number, line in enumerate(file):
            (two if number % 2 else one).write(line)
            if number % (rows // LOOKUPS + 1) == 0 and (found := re.search(rb'"trace_id":"([0-9a-f]{32})"', line)):
                ids.append(found.group(1).decode())
    return whole, [odd, even], ids


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--plumb", required=True)
    parser.add_argument("--victoria-logs")
    parser.add_argument("--chdb")
    parser.add_argument("--rows", type=int, default=4_000_000)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="plumbline-peers.")
    try:
        whole, files, ids = prepare(options.plumb, options.rows, folder)
        results = {}
        with open(os.path.join(folder, "servers.log"), "w+") as log:
            port, data = free_port(), os.path.join(folder, "plumb")
            address = f"127.0.0.1:{port}"
            command = [options.plumb, "serve", "--data", data, "--http", address, "--tcp", "127.0.0.1:0"]
            results["plumb"] = measure_server(
                command, port, data, "/insert/jsonline", files, options.rows, ids, log)
            if options.victoria_logs:
                port, data = free_port(), os.path.join(folder, "victoria")
                command = [
                    options.victoria_logs, f"-storageDataPath={data}", f"-httpListenAddr=127.0.0.1:{port}",
                    "-retentionPeriod=100y", "-loggerLevel=ERROR",
                ]
                insert = "/insert/jsonline?_stream_fields=service"
                results["VictoriaLogs"] = measure_server(command, port, data, insert, files, options.rows, ids, log)
        if options.chdb:
            data = os.path.join(folder, "clickhouse")
            results["ClickHouse"] = clickhouse_in_process(options, whole, data, options.rows, ids)
        print_table(results, options.rows)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def print_table(results, rows):
    first = [
        "bytes a row on disk", "CPU, µs a row, merging in", "rows/s", "peak memory, MB",
        "one request by ID, median ms", "an ID that does not exist, median ms",
    ]
    print(f"\n{rows:,} rows, {os.cpu_count()} cores".ljust(76) + "".join(f"{name:>14}" for name in results))
    for name in first + QUERIES:
        cells = "".join(f"{figures[name]:14,.2f}" if name in figures else f"{'':>14}" for figures in results.values())
        print(f"{name:<75}{cells}")


if __name__ == "__main__":
    if sys.argv[1:] == ["--clickhouse"]:
        wanted = json.load(sys.stdin)
        print(json.dumps(measure_clickhouse(**wanted)))
    else:
        main()
