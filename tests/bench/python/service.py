"""A feature store and a model behind FastAPI, as most teams ship it: each payment is kept in Redis, windows are read
back from there, a logistic model in numpy scores them. Takes the same requests as the other arms; must not know who
asks. Run: uvicorn service:app, with REDIS as the path of its socket."""

import os
from datetime import datetime

import numpy as np
import orjson
import redis.asyncio as redis
from fastapi import FastAPI, Request, Response

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
SPANS = {"customer": [10 * MINUTE, HOUR, DAY, 7 * DAY], "terminal": [10 * MINUTE, HOUR, DAY, 7 * DAY]}
KEPT = 192  # payments of a key, as many as the example's plugins keep
FEATURES = 2 + 2 * 4 * 4

app = FastAPI()
store = redis.Redis(unix_socket_path=os.environ["REDIS"])
generator = np.random.default_rng(7)
weights = generator.normal(0.0, 0.1, FEATURES)


def windows(kept, time, spans):
    """Count, sum, mean and maximum of the payments of each span, newest first."""
    rows = np.array([[float(part) for part in row.split(b" ")] for row in kept])
    features = []
    for span in spans:
        amounts = rows[rows[:, 0] > time - span, 1]
        features += [len(amounts), amounts.sum(), amounts.mean(), amounts.max()]
    return features


@app.post("/v1/pipelines/card-fraud/score")
async def score(request: Request) -> Response:
    event = orjson.loads(await request.body())
    data = event["data"]
    time = datetime.fromisoformat(event["time"]).timestamp()
    row = f"{time} {data['amount']}"
    async with store.pipeline(transaction=False) as pipe:
        for kind in SPANS:
            key = f"{kind}:{data[kind]}"
            pipe.lpush(key, row).ltrim(key, 0, KEPT - 1).lrange(key, 0, KEPT - 1)
        replies = await pipe.execute()
    features = [data["amount"], float(data["online"])]
    for kept, (kind, spans) in zip(replies[2::3], SPANS.items()):
        features += windows(kept, time, spans)
    logit = float(np.log1p(np.array(features)) @ weights) - 3.0
    answer = {"event": event["id"], "score": 1.0 / (1.0 + np.exp(-logit)), "degraded": []}
    return Response(orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json")
