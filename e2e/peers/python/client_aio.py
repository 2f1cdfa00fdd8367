"""The cases of a client with asyncio: await and async for."""

import asyncio
import contextlib
import itertools

import grpc
import grpc.aio
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
    except grpc.aio.AioRpcError as error:
        errors.append(error)
    equal([error.code() for error in errors], [code])
    if details is not None:
        equal(errors[0].details(), details)


@contextlib.contextmanager
def is_canceled():
    try:
        yield
    except asyncio.CancelledError:
        return
    raise AssertionError("it was not canceled")


def squares(channel):
    return square_pb2_grpc.SquareServiceStub(channel)


def greeter(channel):
    return helloworld_pb2_grpc.GreeterStub(channel)


async def numbers(*values):
    for value in values:
        yield Number(message=value)


async def endless(*values):
    for value in itertools.chain(values, itertools.repeat(3)):
        yield Number(message=value)


async def values(messages):
    return [message.message async for message in messages]


@case
async def calculator(channel, metadata):
    cal = SimpleCal_pb2_grpc.CalStub(channel)
    equal((await cal.Add(SimpleCal_pb2.AddRequest(number1=3, number2=-4))).number, -1)
    equal((await cal.Multiply(SimpleCal_pb2.MultiplyRequest(number1=3, number2=-4))).number, -12)


@case
async def squares_of_all_four_kinds(channel, metadata):
    stub = squares(channel)
    equal((await stub.square(Number(message=12))).message, 144)
    equal(await values(stub.rangeSquare(Number(message=3))), [1, 4, 9])
    equal(await values(stub.rangeSquare(Number(message=0))), [])
    equal((await stub.sumSquare(numbers(1, 2, 3))).message, 14)
    equal((await stub.sumSquare(numbers())).message, 0)
    equal(await values(stub.streamrangeSquare(numbers(1, 2, 3))), [1, 4, 9])
    equal(await values(stub.streamrangeSquare(numbers())), [])


@case
async def greetings(channel, metadata):
    stub = greeter(channel)
    ada = Hello(name="Ada ❤")
    hello = samples.greeting("Ada ❤")
    equal(await stub.SayHello(ada), hello)
    equal([reply async for reply in stub.SayHelloStreamReply(ada)], [hello, hello])
    replies = stub.SayHelloBidiStream(iter([ada, ada, ada]))
    equal([reply async for reply in replies], [hello, hello, hello])
    events = [event async for event in stub.SayHelloStream2(ada)]
    equal(events, list(samples.events(ada.name)))
    equal([e.WhichOneof("greeting") for e in events], ["first", "timer", "timer", "goodbye"])


@case
async def feed(channel, metadata):
    stub = feed_pb2_grpc.RedisStreamStub(channel)
    entries = stub.sub(feed_pb2.SubRequest(last_id="0-1"))
    equal([entry async for entry in entries], samples.ENTRIES[1:])
    equal([entry async for entry in stub.dump(feed_pb2.SubRequest())], samples.ENTRIES)
    equal((await stub.len(feed_pb2.SubRequest())).entries, 3)


@case
async def host(channel, metadata):
    authority = ("grpc.default_authority", "square.example")
    async with samples.connect(grpc.aio, samples.arguments(), authority) as channel:
        answer = await squares(channel).square(Number(message=2), metadata=metadata)
        equal(answer.message, 4)


@case
async def status_with_details(channel, metadata):
    cal = SimpleCal_pb2_grpc.CalStub(channel)
    request = SimpleCal_pb2.MultiplyRequest(number1=2**31 - 1, number2=2)
    with fails(grpc.StatusCode.OUT_OF_RANGE, "4294967294 does not fit into 32 bits") as errors:
        await cal.Multiply(request)
    cases.check_details(errors[0])


@case
async def error_after_answers(channel, metadata):
    got = []
    with fails(grpc.StatusCode.INVALID_ARGUMENT, "-3 is negative"):
        async for answer in squares(channel).streamrangeSquare(numbers(1, 2, -3, 4)):
            got.append(answer.message)
    equal(got, [1, 4])


@case
async def method_that_is_not_there(channel, metadata):
    cube = channel.unary_unary("/squarerpc_service.SquareService/cube")
    with fails(grpc.StatusCode.UNIMPLEMENTED):
        await cube(b"")


@case
async def metadata_header_and_trailer(channel, metadata):
    call = greeter(channel).SayHello(Hello(), metadata=cases.ECHO)
    cases.check_echo(await call.initial_metadata())
    cases.check_echo(await call.trailing_metadata())
    stream = greeter(channel).SayHelloStreamReply(Hello(), metadata=cases.ECHO)
    cases.check_echo(await stream.initial_metadata())  # before the first message
    equal(len([reply async for reply in stream]), 2)
    cases.check_echo(await stream.trailing_metadata())


@case
async def deadline_of_a_unary_call(channel, metadata):
    with fails(grpc.StatusCode.DEADLINE_EXCEEDED):
        await greeter(channel).SayHello(Hello(name="wait"), metadata=metadata, timeout=1)


@case
async def deadline_of_a_stream(channel, metadata):
    got = []
    call = greeter(channel).SayHelloStreamReply(Hello(name="wait"), metadata=metadata, timeout=1)
    with fails(grpc.StatusCode.DEADLINE_EXCEEDED):
        async for reply in call:
            got.append(reply)
    equal(len(got), 1)


@case
async def cancel_of_a_stream(channel, metadata):
    call = greeter(channel).SayHelloStreamReply(Hello(name="wait"), metadata=metadata)
    with is_canceled():
        async for _ in call:
            call.cancel()


@case
async def cancel_of_a_unary_call(channel, metadata):
    call = greeter(channel).SayHello(Hello(name="wait"), metadata=metadata)
    await asyncio.to_thread(cases.wait_for, metadata, "waits")
    equal(call.cancel(), True)
    with is_canceled():
        await call


@case
async def break_in_a_stream_of_answers(channel, metadata):
    call = squares(channel).rangeSquare(Number(message=1e9), metadata=metadata)
    async for answer in call:
        if answer.message == 25:
            break
    del answer, call  # a break alone does not end the call: it ends with its last reference


@case
async def break_in_a_bidirectional_stream(channel, metadata):
    call = squares(channel).streamrangeSquare(endless(1), metadata=metadata)
    async for _ in call:
        break
    call.cancel()


@case
async def producer_of_requests_fails(channel, metadata):
    async def requests():
        yield Number(message=-1)
        await asyncio.to_thread(cases.wait_for, metadata, "waits")
        raise OSError("the disk is gone")

    with is_canceled():
        await squares(channel).sumSquare(requests(), metadata=metadata)


@case
async def answer_before_the_last_request(channel, metadata):
    equal((await squares(channel).sumSquare(endless(2, 0))).message, 4)


@case
async def answer_decides_on_the_next_request(channel, metadata):
    call = squares(channel).streamrangeSquare()
    got = [2]
    for _ in range(4):
        await call.write(Number(message=got[-1]))
        got.append((await call.read()).message)
    await call.done_writing()
    equal(await call.read(), grpc.aio.EOF)
    equal(got, [2, 4, 16, 256, 65536])


@case
async def both_sides_flood(channel, metadata):
    name = "x" * 10_000
    requests = (Hello(name=f"{i} {name}") for i in range(100))
    got = [reply.message async for reply in greeter(channel).SayHelloBidiStream(requests)]
    equal(got == [f"Hello {i} {name}" for i in range(100)], True)


@case
async def messages_of_3_MiB(channel, metadata):
    name = "large " * ((3 << 20) // 6)
    reply = await greeter(channel).SayHello(Hello(name=name))
    equal(reply.message == "Hello " + name, True)


async def main():
    args = samples.arguments()
    async with samples.connect(grpc.aio, args) as channel:
        await cases.run_async(channel)


if __name__ == "__main__":
    asyncio.run(main())
