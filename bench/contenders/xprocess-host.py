"""The host of pytest-xprocess: it answers the requests that `host.mjs` describes. `xprocess-host.py FIXTURE`"""
import json
import os
import resource
import socket
import sys
import time
import types

import py
import xprocess

# Its own log, for people.
sys.stdout = open(os.devnull, "w")
channel = socket.socket(fileno=3)
lines = channel.makefile("r")
tool = xprocess.XProcess(types.SimpleNamespace(), py.path.local(os.getcwd()))


def say(answer):
    channel.sendall((json.dumps(answer) + "\n").encode())


def cycle(name, delay, stamps):
    class Starter(xprocess.ProcessStarter):
        pattern = "ready"
        args = [sys.argv[1], stamps, "line", delay, "0"]

    before = resource.getrusage(resource.RUSAGE_SELF)
    began = time.monotonic_ns()
    tool.ensure(name, Starter)
    ready = time.monotonic_ns()
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    tool.getinfo(name).terminate()
    return {"began": began, "ready": ready, "stop": ready, "gone": time.monotonic_ns(), "cpu": cpu * 1000}


say({})
for number, line in enumerate(lines):
    _, delay, stamps, *_ = line.split()
    try:
        say(cycle(f"daemon-{number}", delay, stamps))
    except Exception as error:
        say({"error": repr(error)})
