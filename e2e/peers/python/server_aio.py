"""The sample services with asyncio: asynchronous generators."""

import asyncio
import signal

import grpc
import grpc.aio
from calculator import SimpleCal_pb2_grpc
from feed import feed_pb2, feed_pb2_grpc
from greeter import helloworld_pb2_grpc
from squares import square_pb2_grpc

import samples


class Cal(SimpleCal_pb2_grpc.CalServicer):
    async def Add(self, request, context):
        return await self.result(request.number1 + request.number2, context)

    async def Multiply(self, request, context):
        return await self.result(request.number1 * request.number2, context)

    async def result(self, number, context):
        if not samples.fits(number):
            await context.abort(*samples.overflow(number))
        return samples.result(number)


class Square(square_pb2_grpc.SquareServiceServicer):
    async def square(self, request, context):
        if request.message < 0:
            await context.abort(*samples.negative(request.message))
        return samples.squared(request)

    async def rangeSquare(self, request, context):
        try:
            for number in range(1, int(request.message) + 1):
                yield samples.squared(samples.Number(message=number))
        finally:
            samples.report(context, "ended")

    async def sumSquare(self, request_iterator, context):
        total = 0
        async for request in request_iterator:
            if request.message == 0:
                break  # answers early
            if request.message < 0:
                await wait(context)  # which a half-close does not end
            total += samples.squared(request).message
        return samples.Number(message=total)

    async def streamrangeSquare(self, request_iterator, context):
        try:
            async for request in request_iterator:
                if request.message < 0:
                    await context.abort(*samples.negative(request.message))
                yield samples.squared(request)
        finally:
            samples.report(context, "ended")


class Greeter(helloworld_pb2_grpc.GreeterServicer):
    async def SayHello(self, request, context):
        samples.report_deadline(context)
        await context.send_initial_metadata(samples.echoed(context))
        context.set_trailing_metadata(samples.echoed(context))
        if request.name == "wait":
            await wait(context)
        return samples.greeting(request.name)

    async def SayHelloStreamReply(self, request, context):
        samples.report_deadline(context)
        await context.send_initial_metadata(samples.echoed(context))
        context.set_trailing_metadata(samples.echoed(context))
        if request.name == "header":
            await wait(context)
        try:
            yield samples.greeting(request.name)
        except (asyncio.CancelledError, GeneratorExit):
            samples.report(context, "canceled")  # before it began to wait
            raise
        if request.name == "wait":
            await wait(context)
        yield samples.greeting(request.name)

    async def SayHelloBidiStream(self, request_iterator, context):
        async for request in request_iterator:
            yield samples.greeting(request.name)

    async def SayHelloStream2(self, request, context):
        for event in samples.events(request.name):
            yield event


async def wait(context):
    """Waits for the end of the call, like a handler that waits for something."""
    samples.report(context, "waits")
    try:
        await asyncio.get_running_loop().create_future()
    except asyncio.CancelledError:
        samples.report(context, "canceled")
        raise


class Feed(feed_pb2_grpc.RedisStreamServicer):
    async def sub(self, request, context):
        for entry in samples.entries_after(request.last_id):
            yield entry

    async def dump(self, request, context):
        for entry in samples.ENTRIES:
            yield entry

    async def len(self, request, context):
        return feed_pb2.Length(entries=len(samples.ENTRIES))


async def main():
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    server = grpc.aio.server()
    SimpleCal_pb2_grpc.add_CalServicer_to_server(Cal(), server)
    square_pb2_grpc.add_SquareServiceServicer_to_server(Square(), server)
    helloworld_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    feed_pb2_grpc.add_RedisStreamServicer_to_server(Feed(), server)
    samples.bind(server, samples.arguments())
    await server.start()
    await ended.wait()
    await server.stop(grace=None)


if __name__ == "__main__":
    asyncio.run(main())
