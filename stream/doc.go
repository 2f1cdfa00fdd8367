// Package stream is about sequences of messages: what the streams of the stubs
// made by protoc-gen-gohost are, and what users make to give to them.
//
// A sequence is an iter.Seq2[*Msg, error]: messages, each with a nil error, and
// then nothing, which says that all is well, or exactly one (nil, err). A loop
// ranges over it:
//
//	for msg, err := range service.RangeSquare(ctx, req) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// [Of], [From], [FromChan] and [Generate] make sequences out of messages,
// iterators, channels and functions; [Map] and [Collect] use them. They start no
// goroutine and buffer nothing. A sequence that they return may be ranged as
// often as what it was made of, and by as many goroutines.
//
// Requests that wait, as those of FromChan do, need a context that ends with
// their call. [Scope] makes one, and [ScopeResult] for a call with one response.
// [KeepOpen] is for servers that take the half-close for the end of the stream.
//
// A long stream may fall silent, or break. [Within] and [FirstWithin] end one that
// brings no message for too long, and [RequestsWithin] and [FirstRequestWithin]
// do the same at a server. [Resume] opens a stream again where its consumer was.
//
// Three types go further. A [Conversation], made by [Open] out of any
// bidirectional method, has Send and Recv for callers whose next request depends
// on the last response. Its Send learns of the end of the call without a Recv,
// unless the requests are changed on their way to the stub, by Map for instance:
// then a Recv or the context tells. A [Topic] hands on events to many
// subscribers, each with a bounded queue. And a [Chan], made by [ToChan], has the
// messages of a sequence in a channel, for a select.
//
// [OnHeader] and [ReuseMessages] are options of calls, to be given to the With of
// a stub, and [ReuseRequests] is one of a server.
//
// # The contract of a stream
//
// A stream is a sequence, an iter.Seq2[*Msg, error], on the client and on the
// server, for the requests and for the responses:
//
//   - A sequence is messages, then nothing, which is OK, or exactly one
//     (nil, err). On the client err always has a gRPC code: it is the status of
//     the RPC or, if the caller's own producer of requests ended the call, an
//     error in which errors.Is finds the producer's. io.EOF never appears.
//   - Responses on the client are cold. Calling the method does nothing, ranging
//     opens the RPC, and ranging again is a new RPC. An error on opening is the
//     one (nil, err).
//   - Leaving the loop ends the RPC, before the statement after the loop runs: a
//     break, a return, a panic or runtime.Goexit cancels the RPC. It returns
//     within 50 milliseconds, whatever interceptors do. What has arrived by then
//     is received behind the loop, for 30 seconds and a million messages at most,
//     so that interceptors see the end. A call with targets of [grpc.Header],
//     [grpc.Trailer] or [grpc.Peer] returns when grpc has written them: they are
//     not written after the loop. The server sees Canceled.
//   - Requests on the server are one stream, which ranging again resumes. After
//     the half-close of the client the sequence is empty, after an error it
//     yields that error again, and after the handler has returned Canceled.
//   - Responses on the server are ranged on the goroutine of the RPC. yield
//     blocks while flow control does. A nil sequence, a yield of (nil, nil) and
//     io.EOF are the status Internal; so are two goroutines that yield
//     concurrently.
//   - When the client is gone, yield returns false, each time and on every
//     goroutine. The handler's context ends then as well, but perhaps a moment
//     later: code that needs the end of the context waits for ctx.Done. A handler
//     that waits for something else than yield watches its context. If it returns
//     for that reason, its status is that of the context: of the cause (see
//     [context.WithCancelCause]) if that has a gRPC status.
//   - A sequence that has ignored 2,000 falses on the goroutine that it is ranged
//     on is unwound by a panic that ends there, so that its deferred functions
//     run. Nothing of it is skipped before. For a handler that ticks once a
//     second that is after 33 minutes. On other goroutines nothing is unwound:
//     each yield beyond the first 1,000 falses takes a millisecond or more, up to
//     a second.
//   - A client-streaming or bidirectional call ranges its requests on one
//     goroutine of its own. The call ends when the RPC has ended, whatever the
//     producer waits for; its next yield returns false. A producer that waits in
//     code of its own cannot be woken: it watches a context that ends with the
//     call, such as that of [Scope].
//   - What the producer did is visible to the caller if its sequence ended before
//     the RPC. After an early end it may still be running. A call that could not
//     be opened does not range its requests.
//   - An error of the producer cancels the RPC. It wins over OK and Canceled,
//     since half of the requests must not look like all. A failure of the RPC
//     that had arrived before wins over it, and so does the status of the RPC
//     when the caller's context has ended.
//   - A panic of the producer goes on at the caller, and is logged by grpclog
//     with its stack. After the caller has left it is only logged.
//   - Nothing is buffered here. A message is not touched after the yield that
//     sent it has returned: it may be changed, yielded again or returned to a
//     pool. grpc keeps bytes for a retry, but shows the message itself once more
//     to a stats handler of the client when it retries, and later to those who
//     look at the traces of [grpc.EnableTracing].
//   - Received messages are fresh, unless [ReuseMessages] or [ReuseRequests] was
//     asked for; then the message is reset before the next one is received into
//     it.
//
// Everything goes through NewStream and Invoke of the connection, and through
// the server's stream as its interceptors have wrapped it. On calls that stream
// requests, the interceptors of the client see SendMsg and RecvMsg concurrently.
package stream
