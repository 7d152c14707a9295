"""Read by every Python of a simulated month as it starts: time runs on from the moment that OUVOIR_BENCH_NOW tells."""

import os
from datetime import datetime

import time_machine

if told := os.environ.get("OUVOIR_BENCH_NOW"):
    time_machine.travel(datetime.fromisoformat(told), tick=True).start()
