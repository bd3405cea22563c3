#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Seeds for fuzz_db: a store of each version, by the fixtures; one with a log
behind it; and some that are nearly one."""
import glob
import os
import pathlib
import sqlite3
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
to = pathlib.Path(sys.argv[1])


def store(script, more=(), keep_log=False):
    """The bytes of a file after the script; with its log, behind a mark."""
    with tempfile.TemporaryDirectory() as work:
        path = f"{work}/db"
        db = sqlite3.connect(path, isolation_level=None)
        db.executescript(script)
        other = sqlite3.connect(path, isolation_level=None)
        if not keep_log:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        for statement in more:
            db.execute(statement)
        data = pathlib.Path(path).read_bytes()
        log = pathlib.Path(path + "-wal")
        if log.exists() and log.stat().st_size:
            data += b"LOG!" + log.read_bytes()
        other.close()
        db.close()
        return data


scripts = {}
for path in sorted(glob.glob(f"{HERE}/../fixtures/store/v*.sql")):
    name = os.path.basename(path)[:-4]
    scripts[name] = pathlib.Path(path).read_text()
    (to / name).write_bytes(store(scripts[name]))
newest = scripts[max(scripts)]
(to / "log").write_bytes(store(newest, keep_log=True))
(to / "more-log").write_bytes(store(newest, ["DELETE FROM builds WHERE n = 1"]))
(to / "view").write_bytes(store(newest, ["CREATE VIEW v AS SELECT 1"]))
(to / "future").write_bytes(store(newest, ["PRAGMA user_version = 99"]))
(to / "empty").write_bytes(b"SQLite format 3\0" + bytes(4080))
