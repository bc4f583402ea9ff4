"""Windows over disordered payments in Bytewax: its own sliding windows, and running sums with an ordering written by
hand inside one of its operators, which is its fastest form. Takes the form and a file of payments, a line of JSON each;
prints events a second."""

import sys
import time
from bisect import insort
from datetime import datetime, timedelta, timezone

import bytewax.operators as op
import bytewax.operators.windowing as windowing
import orjson
from bytewax.dataflow import Dataflow
from bytewax.operators.windowing import EventClock, SlidingWindower
from bytewax.testing import TestingSink, TestingSource, run_main

LATENESS = timedelta(hours=1)
SPANS = [600.0, 3600.0]


def read(path):
    """Payments as (customer, (time, amount))."""
    with open(path, "rb") as lines:
        events = [orjson.loads(line) for line in lines]
    instant = lambda event: datetime.fromisoformat(event["time"]).timestamp()
    return [(e["data"]["customer"], (instant(e), e["data"]["amount"])) for e in events]


def sliding(flow, stream):
    """Its own windows: sums of an hour that slides by ten seconds, so that they are not far from as of a payment."""
    clock = EventClock(lambda row: datetime.fromtimestamp(row[0], timezone.utc), LATENESS)
    start = datetime(2020, 1, 1, tzinfo=timezone.utc)
    windower = SlidingWindower(timedelta(hours=1), timedelta(seconds=10), start)
    add = lambda total, row: total + row[1]
    merge = lambda one, other: one + other
    return windowing.fold_window("sums", stream, clock, windower, lambda: 0.0, add, merge).down


def by_hand(flow, stream):
    """An ordered list for each key; both windows as of every payment."""

    def place(rows, row):
        rows = rows if rows is not None else []
        insort(rows, row)
        sums = [0.0] * len(SPANS)
        for at, amount in reversed(rows):
            if at > row[0]:
                continue
            if at <= row[0] - SPANS[-1]:
                break
            for nth, span in enumerate(SPANS):
                if at > row[0] - span:
                    sums[nth] += amount
        horizon = rows[-1][0] - LATENESS.total_seconds() - SPANS[-1]
        while rows[0][0] < horizon:
            rows.pop(0)
        return rows, sums

    return op.stateful_map("sums", stream, place)


def main():
    form, path = sys.argv[1:]
    payments = read(path)
    flow = Dataflow("windows")
    stream = op.input("in", flow, TestingSource(payments, batch_size=1_000))
    sums = {"sliding": sliding, "by-hand": by_hand}[form](flow, stream)
    op.output("out", sums, TestingSink([]))
    started = time.perf_counter()
    run_main(flow)
    print(len(payments) / (time.perf_counter() - started))


main()
