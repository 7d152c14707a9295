"""Start every Python of a simulated month at the moment that OUVOIR_BENCH_NOW gives; time then runs on."""

import os
from datetime import datetime

import time_machine

if told := os.environ.get("OUVOIR_BENCH_NOW"):
    time_machine.travel(datetime.fromisoformat(told), tick=True).start()
