"""What the servers and clients of this directory have in common.

A client names its case by the metadata "case". A server reports what it sees of
that call, beyond what it answers, as a line "CASE: WHAT" on its standard output.
"""

import argparse
import collections
import os
import threading

import grpc
from calculator import SimpleCal_pb2
from feed import feed_pb2
from google.rpc import error_details_pb2, status_pb2
from greeter import helloworld_pb2
from squares import square_pb2

Number = square_pb2.Message
Hello = helloworld_pb2.HelloRequest

ENTRIES = [
    feed_pb2.Entry(id=f"0-{n}", values={"n": str(n), "kind": "entry"}) for n in (1, 2, 3)
]


class Status(
    collections.namedtuple("Status", ("code", "details", "trailing_metadata")),
    grpc.Status,
):
    """A status for abort_with_status."""


def overflow(number):
    """Returns the status, with details, for a number that does not fit."""
    text = f"{number} does not fit into 32 bits"
    status = status_pb2.Status(code=grpc.StatusCode.OUT_OF_RANGE.value[0], message=text)
    status.details.add().Pack(
        error_details_pb2.ErrorInfo(
            reason="OVERFLOW", domain="calculator.example", metadata={"number": str(number)}
        )
    )
    trailer = (("grpc-status-details-bin", status.SerializeToString()),)
    return Status(grpc.StatusCode.OUT_OF_RANGE, text, trailer)


def fits(number):
    return -(2**31) <= number < 2**31


def result(number):
    return SimpleCal_pb2.ResultReply(number=number)


def negative(number):
    return grpc.StatusCode.INVALID_ARGUMENT, f"{number:g} is negative"


def squared(request):
    return Number(message=request.message * request.message)


def greeting(name):
    return helloworld_pb2.HelloReply(message=f"Hello {name}")


def events(name):
    """Yields the events of SayHelloStream2."""
    pb = helloworld_pb2
    yield pb.GreetingMessage(first=pb.FirstGreeting(message=f"Hello {name}"))
    for count in (1, 2):
        yield pb.GreetingMessage(timer=pb.TimerGreeting(message=name, count=count))
    yield pb.GreetingMessage(goodbye=pb.GoodbyeGreeting(message=f"Bye {name}"))


def echoed(context):
    """Returns the metadata of the request to send back."""
    return tuple((key, value) for key, value in context.invocation_metadata() if key.startswith("echo-"))


def entries_after(last_id):
    return [entry for entry in ENTRIES if entry.id > last_id]


_lock = threading.Lock()


def report(context, what):
    case = dict(context.invocation_metadata()).get("case", "")
    with _lock:
        # A single write, so that lines do not mix.
        os.write(1, f"{case}: {what}\n".encode())


def report_deadline(context):
    remaining = context.time_remaining()
    if remaining is not None and remaining < 3600:
        report(context, "has a deadline" if remaining > 0 else "is late")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("addr")
    parser.add_argument("--cert", help="file with a certificate: use TLS")
    parser.add_argument("--key", help="file with its key, for a server")
    return parser.parse_args()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def bind(server, args):
    if args.cert:
        creds = grpc.ssl_server_credentials([(read(args.key), read(args.cert))])
        server.add_secure_port(args.addr, creds)
    else:
        server.add_insecure_port(args.addr)


def connect(module, args, *options):
    """Returns a channel of module, which is grpc or grpc.aio."""
    if args.cert:
        creds = grpc.ssl_channel_credentials(read(args.cert))
        return module.secure_channel(args.addr, creds, options=options)
    return module.insecure_channel(args.addr, options=options)
