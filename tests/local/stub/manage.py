"""Stands in for the application: notes who it was told to be, and connects as that."""

import os
import sys
import time

import psycopg

command = sys.argv[1]
with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
    keys = [name for name in ("SEALING_MASTER_KEYS", "AUDIT_SIGNING_KEYS") if os.environ.get(name)]
    with open("calls.txt", "a") as calls:
        print(" ".join(sys.argv[1:]), connection.info.user, *keys, file=calls)
    if command == "migrate":
        connection.execute("CREATE TABLE IF NOT EXISTS kept (what text)")
    if command == "keep":
        connection.execute("INSERT INTO kept VALUES (%s)", [sys.argv[2]])
    if command == "kept":
        print(*(row[0] for row in connection.execute("SELECT what FROM kept ORDER BY what")))
    if "--print-signins" in sys.argv:
        print("somebody@example.org")
    while command == "sweep":
        time.sleep(60)
