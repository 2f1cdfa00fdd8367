"""The cases of a client in the usual style of gRPC for Python: for loops."""

import contextlib
import itertools
import queue

import grpc
from calculator import SimpleCal_pb2, SimpleCal_pb2_grpc
from feed import feed_pb2, feed_pb2_grpc
from greeter import helloworld_pb2_grpc
from squares import square_pb2_grpc

import cases
import samples
from cases import case, equal
from samples import Hello, Number


@contextlib.contextmanager
def fails(code, details=None):
    """Checks that the body fails with this status. Yields a list that gets the error."""
    errors = []
    try:
        yield errors
    except grpc.RpcError as error:
        errors.append(error)
    equal([error.code() for error in errors], [code])
    if details is not None:
        equal(errors[0].details(), details)


def squares(channel):
    return square_pb2_grpc.SquareServiceStub(channel)


def greeter(channel):
    return helloworld_pb2_grpc.GreeterStub(channel)


def numbers(*values):
    for value in values:
        yield Number(message=value)


def values(messages):
    return [message.message for message in messages]


@case
def calculator(channel, metadata):
    cal = SimpleCal_pb2_grpc.CalStub(channel)
    equal(cal.Add(SimpleCal_pb2.AddRequest(number1=3, number2=-4)).number, -1)
    equal(cal.Multiply(SimpleCal_pb2.MultiplyRequest(number1=3, number2=-4)).number, -12)


@case
def squares_of_all_four_kinds(channel, metadata):
    stub = squares(channel)
    equal(stub.square(Number(message=12)).message, 144)
    equal(values(stub.rangeSquare(Number(message=3))), [1, 4, 9])
    equal(values(stub.rangeSquare(Number(message=0))), [])
    equal(stub.sumSquare(numbers(1, 2, 3)).message, 14)
    equal(stub.sumSquare(numbers()).message, 0)
    equal(values(stub.streamrangeSquare(numbers(1, 2, 3))), [1, 4, 9])
    equal(values(stub.streamrangeSquare(numbers())), [])


@case
def greetings(channel, metadata):
    stub = greeter(channel)
    ada = Hello(name="Ada ❤")
    hello = samples.greeting("Ada ❤")
    equal(stub.SayHello(ada), hello)
    equal(list(stub.SayHelloStreamReply(ada)), [hello, hello])
    equal(list(stub.SayHelloBidiStream(iter([ada, ada, ada]))), [hello, hello, hello])
    events = list(stub.SayHelloStream2(ada))
    equal(events, list(samples.events(ada.name)))
    equal([e.WhichOneof("greeting") for e in events], ["first", "timer", "timer", "goodbye"])


@case
def feed(channel, metadata):
    stub = feed_pb2_grpc.RedisStreamStub(channel)
    equal(list(stub.sub(feed_pb2.SubRequest(last_id="0-1"))), samples.ENTRIES[1:])
    equal(list(stub.dump(feed_pb2.SubRequest())), samples.ENTRIES)
    equal(stub.len(feed_pb2.SubRequest()).entries, 3)


@case
def host(channel, metadata):
    authority = ("grpc.default_authority", "square.example")
    with samples.connect(grpc, samples.arguments(), authority) as channel:
        equal(squares(channel).square(Number(message=2), metadata=metadata).message, 4)


@case
def status_with_details(channel, metadata):
    cal = SimpleCal_pb2_grpc.CalStub(channel)
    request = SimpleCal_pb2.MultiplyRequest(number1=2**31 - 1, number2=2)
    with fails(grpc.StatusCode.OUT_OF_RANGE, "4294967294 does not fit into 32 bits") as errors:
        cal.Multiply(request)
    cases.check_details(errors[0])


@case
def error_after_answers(channel, metadata):
    got = []
    with fails(grpc.StatusCode.INVALID_ARGUMENT, "-3 is negative"):
        for answer in squares(channel).streamrangeSquare(numbers(1, 2, -3, 4)):
            got.append(answer.message)
    equal(got, [1, 4])


@case
def method_that_is_not_there(channel, metadata):
    cube = channel.unary_unary("/squarerpc_service.SquareService/cube")
    with fails(grpc.StatusCode.UNIMPLEMENTED):
        cube(b"")


@case
def metadata_header_and_trailer(channel, metadata):
    _, call = greeter(channel).SayHello.with_call(Hello(), metadata=cases.ECHO)
    cases.check_echo(call.initial_metadata())
    cases.check_echo(call.trailing_metadata())
    stream = greeter(channel).SayHelloStreamReply(Hello(), metadata=cases.ECHO)
    cases.check_echo(stream.initial_metadata())  # before the first message
    equal(len(list(stream)), 2)
    cases.check_echo(stream.trailing_metadata())


@case
def deadline_of_a_unary_call(channel, metadata):
    with fails(grpc.StatusCode.DEADLINE_EXCEEDED):
        greeter(channel).SayHello(Hello(name="wait"), metadata=metadata, timeout=1)


@case
def deadline_of_a_stream(channel, metadata):
    got = []
    with fails(grpc.StatusCode.DEADLINE_EXCEEDED):
        for reply in greeter(channel).SayHelloStreamReply(Hello(name="wait"), metadata=metadata, timeout=1):
            got.append(reply)
    equal(len(got), 1)


@case
def cancel_of_a_stream(channel, metadata):
    call = greeter(channel).SayHelloStreamReply(Hello(name="wait"), metadata=metadata)
    with fails(grpc.StatusCode.CANCELLED):
        for _ in call:
            call.cancel()


@case
def cancel_of_a_unary_call(channel, metadata):
    call = greeter(channel).SayHello.future(Hello(name="wait"), metadata=metadata)
    cases.wait_for(metadata, "waits")
    equal(call.cancel(), True)
    equal(call.code(), grpc.StatusCode.CANCELLED)


@case
def break_in_a_stream_of_answers(channel, metadata):
    call = squares(channel).rangeSquare(Number(message=1e9), metadata=metadata)
    for answer in call:
        if answer.message == 25:
            break
    del call  # a break alone does not end the call: it ends with its last reference


@case
def break_in_a_bidirectional_stream(channel, metadata):
    call = squares(channel).streamrangeSquare((Number(message=1) for _ in itertools.count()), metadata=metadata)
    for _ in call:
        break
    call.cancel()


@case
def producer_of_requests_fails(channel, metadata):
    def requests():
        yield Number(message=-1)
        cases.wait_for(metadata, "waits")
        raise OSError("the disk is gone")

    with fails(grpc.StatusCode.UNKNOWN, "Exception iterating requests!"):
        squares(channel).sumSquare(requests(), metadata=metadata)


@case
def answer_before_the_last_request(channel, metadata):
    requests = itertools.chain(numbers(2, 0), (Number(message=3) for _ in itertools.count()))
    equal(squares(channel).sumSquare(requests).message, 4)


@case
def answer_decides_on_the_next_request(channel, metadata):
    requests = queue.SimpleQueue()
    requests.put(Number(message=2))
    got = []
    for answer in squares(channel).streamrangeSquare(iter(requests.get, None)):
        got.append(answer.message)
        requests.put(answer if len(got) < 4 else None)
    equal(got, [4, 16, 256, 65536])


@case
def both_sides_flood(channel, metadata):
    name = "x" * 10_000
    requests = (Hello(name=f"{i} {name}") for i in range(100))
    got = [reply.message for reply in greeter(channel).SayHelloBidiStream(requests)]
    equal(got == [f"Hello {i} {name}" for i in range(100)], True)


@case
def messages_of_3_MiB(channel, metadata):
    name = "large " * ((3 << 20) // 6)
    equal(greeter(channel).SayHello(Hello(name=name)).message == "Hello " + name, True)


def main():
    args = samples.arguments()
    with samples.connect(grpc, args) as channel:
        cases.run(channel)


if __name__ == "__main__":
    main()
