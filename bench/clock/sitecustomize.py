"""Start every Python of a simulated month at the moment that OUVOIR_BENCH_NOW gives; time then runs on."""

import os
from datetime import datetime

import time_machine

moment = os.environ.get("OUVOIR_BENCH_NOW")
if moment:
    time_machine.travel(datetime.fromisoformat(moment), tick=True).start()
