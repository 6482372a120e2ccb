"""What a realm in a bucket costs: requests and bytes of one publish, and its time over a server that answers each
request after 20 ms. Prints one line of JSON for each case. Needs scripts/deps.sh and a release build."""
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests" / "e2e"))
from bucket import *  # noqa: E402

LATENCY_S = 0.02


def answers_late(method, path):
    time.sleep(LATENCY_S)


def costs(bucket, begin, seconds):
    done = bucket.requests[begin:]
    puts = [size for method, _, size in done if method in ("PUT", "POST")]
    return {"put": len(puts), "bytes": sum(puts), "delete": sum(method == "DELETE" for method, _, _ in done),
            "get_and_list": sum(method == "GET" for method, _, _ in done), "seconds": round(seconds, 1)}


def grant(world, name, division):
    world.platform("office", "add", name, "--division", division, "--name", name, "--out", world.folder / f"{name}.enroll")
    world.platform("grant", "add", name, "villages", "--divisions", division, "--purposes", "address-lookup")


def measure(name, prefixes, divisions):
    with World() as world:
        bucket = Bucket(world)
        bucket.fault = answers_late
        old = subset(OLD, world.folder / "old.csv", *prefixes)
        new = subset(NEW, world.folder / "new.csv", *prefixes)
        run(PLATFORM, "init", world.realm, "--name", "Demo", "--url", world.url)
        world.platform("dataset", "add", DEMO / "villages.dataset.json")
        world.publish(old)
        grant(world, "one", divisions[0])

        def step(what, *words):
            begin, start = len(bucket.requests), time.monotonic()
            world.platform(*words, env=bucket.env)
            print(json.dumps({"case": name, "step": what, **costs(bucket, begin, time.monotonic() - start)}), flush=True)
        step("the move", "realm", "migrate", *bucket.options())
        world.publish(new, env=bucket.env, check=None)
        publish = ("publish", "villages", "--accept-changes", "100%", "--from")
        step("a publish of a year's changes, back", *publish, f"csv:{old}")
        step("a publish without changes", *publish, f"csv:{old}")
        world.platform("office", "add", "two", "--division", divisions[1], "--name", "two", "--out", world.folder / "two.enroll")
        step("a grant", "grant", "add", "two", "villages", "--divisions", divisions[1], "--purposes", "address-lookup")
        step("new signatures", "key", "rotate", "directory")
        bucket.close()


if __name__ == "__main__":
    measure("prefecture", ["3304"], ["3304", "3304"])
    measure("province", ["33"], ["33", "3304"])
    measure("country", [""], ["11", "3304"])
