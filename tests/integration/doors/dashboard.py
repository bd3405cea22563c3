#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""dashboard.py DASHBOARD RULES METRICS: every name of hale's that a panel asks
for is a metric that the agent shows, or is recorded by the rules; every panel
has its own number and place."""
import json
import re
import sys

with open(sys.argv[1], encoding="utf-8") as f:
    board = json.load(f)
with open(sys.argv[2], encoding="utf-8") as f:
    rules = f.read()
with open(sys.argv[3], encoding="utf-8") as f:
    metrics = f.read()

known = set(re.findall(r"record: (\S+)", rules))
for name, kind in re.findall(r"^# TYPE (\S+) (\S+)$", metrics, re.M):
    known.add({"counter": name + "_total", "info": name + "_info"}
              .get(kind, name))
NAME = re.compile(r"(?<![\w:\"])((?:\w+:)?hale_\w+(?::\w+)?)(?=[{\[\s)<>,*]|$)")


def names(text):
    text = re.sub(r'"[^"]*"', '""', text)
    text = re.sub(r"\bby \([^)]*\)|\bon \([^)]*\)", "", text)
    return {n for n in NAME.findall(text) if n != "hale_verdict="}


wrong, ids = [], set()
for panel in board["panels"]:
    if panel["id"] in ids:
        wrong.append(f"panel {panel['id']} is there twice")
    ids.add(panel["id"])
    for target in panel["targets"]:
        asked = names(target["expr"])
        if not asked:
            wrong.append(f"{panel['title']}: asks for nothing")
        wrong += [f"{panel['title']}: there is no {n}"
                  for n in asked - known]
for expr in re.findall(r"^\s+expr: (?!>-)(.*)$", rules, re.M):
    wrong += [f"rules: there is no {n}" for n in
              {n for n in names(expr) if n.startswith("hale_")} - known]
print("\n".join(wrong), file=sys.stderr)
sys.exit(1 if wrong or not ids else 0)
