"""Runs the cases of a client, and reports the result of each to the test."""

import asyncio
import json
import traceback

from google.rpc import error_details_pb2, status_pb2

CASES = {}


def case(function):
    """Makes a function a case, with the name of the function."""
    CASES[function.__name__.replace("_", " ")] = function
    return function


def outcome(name, error):
    print(json.dumps({"case": name, "error": error}), flush=True)


def wait_for(metadata, what):
    """Waits until the test says that the server has reported it for this case."""
    print(json.dumps({"case": dict(metadata)["case"], "await": what}), flush=True)
    input()


def run(channel):
    for name, function in CASES.items():
        try:
            function(channel, (("case", name),))
            outcome(name, "")
        except Exception:
            outcome(name, traceback.format_exc())


async def run_async(channel):
    for name, function in CASES.items():
        try:
            await function(channel, (("case", name),))
            outcome(name, "")
        except (Exception, asyncio.CancelledError):
            outcome(name, traceback.format_exc())


def equal(got, want):
    if got != want:
        raise AssertionError(f"got {got!r}, want {want!r}")


ECHO = (("echo-text", "one"), ("echo-text", "two"), ("echo-data-bin", b"\x00\xff\n"))


def check_echo(metadata):
    got = sorted((key, value) for key, value in metadata if key.startswith("echo-"))
    equal(got, sorted(ECHO))


def check_details(error):
    """Returns the details of the status, which are in the trailer."""
    trailer = {key: value for key, value in error.trailing_metadata()}
    status = status_pb2.Status.FromString(trailer["grpc-status-details-bin"])
    equal((status.code, status.message), (error.code().value[0], error.details()))
    info = error_details_pb2.ErrorInfo()
    equal(status.details[0].Unpack(info), True)
    equal((info.reason, info.domain), ("OVERFLOW", "calculator.example"))
    equal(dict(info.metadata), {"number": "4294967294"})
