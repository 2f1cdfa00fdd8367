"""The sample services in the usual style of gRPC for Python: generators."""

import signal
import threading
from concurrent import futures

import grpc
from calculator import SimpleCal_pb2_grpc
from feed import feed_pb2, feed_pb2_grpc
from greeter import helloworld_pb2_grpc
from squares import square_pb2_grpc

import samples


class Cal(SimpleCal_pb2_grpc.CalServicer):
    def Add(self, request, context):
        return self.result(request.number1 + request.number2, context)

    def Multiply(self, request, context):
        return self.result(request.number1 * request.number2, context)

    def result(self, number, context):
        if not samples.fits(number):
            context.abort_with_status(samples.overflow(number))
        return samples.result(number)


class Square(square_pb2_grpc.SquareServiceServicer):
    def square(self, request, context):
        report_host(context)
        if request.message < 0:
            context.abort(*samples.negative(request.message))
        return samples.squared(request)

    def rangeSquare(self, request, context):
        try:
            for number in range(1, int(request.message) + 1):
                yield samples.squared(samples.Number(message=number))
        finally:
            samples.report(context, "ended")

    def sumSquare(self, request_iterator, context):
        total = 0
        for request in request_iterator:
            if request.message == 0:
                break  # answers early
            if request.message < 0:
                wait(context)  # which a half-close does not end
            total += samples.squared(request).message
        return samples.Number(message=total)

    def streamrangeSquare(self, request_iterator, context):
        try:
            for request in request_iterator:
                if request.message < 0:
                    context.abort(*samples.negative(request.message))
                yield samples.squared(request)
        finally:
            samples.report(context, "ended")


class Greeter(helloworld_pb2_grpc.GreeterServicer):
    def SayHello(self, request, context):
        samples.report_deadline(context)
        context.send_initial_metadata(samples.echoed(context))
        context.set_trailing_metadata(samples.echoed(context))
        if request.name == "wait":
            wait(context)
        return samples.greeting(request.name)

    def SayHelloStreamReply(self, request, context):
        samples.report_deadline(context)
        context.send_initial_metadata(samples.echoed(context))
        context.set_trailing_metadata(samples.echoed(context))
        if request.name == "header":
            wait(context)
        try:
            yield samples.greeting(request.name)
        except GeneratorExit:
            samples.report(context, "canceled")  # before it began to wait
            raise
        if request.name == "wait":
            wait(context)
        yield samples.greeting(request.name)

    def SayHelloBidiStream(self, request_iterator, context):
        for request in request_iterator:
            yield samples.greeting(request.name)

    def SayHelloStream2(self, request, context):
        yield from samples.events(request.name)


def report_host(context):
    """Reports the host of the call, which has no public accessor."""
    samples.report(context, "host " + context._rpc_event.call_details.host.decode())


def wait(context):
    """Waits for the end of the call, like a handler that waits for something."""
    samples.report(context, "waits")
    ended = threading.Event()
    if context.add_callback(ended.set):
        ended.wait()
    samples.report(context, "canceled")


class Feed(feed_pb2_grpc.RedisStreamServicer):
    def sub(self, request, context):
        yield from samples.entries_after(request.last_id)

    def dump(self, request, context):
        report_host(context)
        yield from samples.ENTRIES

    def len(self, request, context):
        return feed_pb2.Length(entries=len(samples.ENTRIES))


def main():
    server = grpc.server(futures.ThreadPoolExecutor(max_workers=100))
    SimpleCal_pb2_grpc.add_CalServicer_to_server(Cal(), server)
    square_pb2_grpc.add_SquareServiceServicer_to_server(Square(), server)
    helloworld_pb2_grpc.add_GreeterServicer_to_server(Greeter(), server)
    feed_pb2_grpc.add_RedisStreamServicer_to_server(Feed(), server)
    samples.bind(server, samples.arguments())
    server.start()
    signal.sigwait([signal.SIGTERM])
    server.stop(grace=None)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
    main()
