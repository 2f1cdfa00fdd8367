// Package stream makes and uses sequences of messages. The clients from
// protoc-gen-gohost, called stubs, return such sequences, and take such sequences of
// requests. The implementations of services do the same.
//
// A sequence is an [iter.Seq2] of *Msg and error: messages, each with a nil error, and
// then either nothing, which means success, or exactly one (nil, err). A loop ranges
// over it:
//
//	for msg, err := range service.RangeSquare(ctx, req) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// [Of], [From], [FromChan] and [Generate] make sequences from messages, iterators,
// channels and functions. [Map] and [Collect] use them. They start no goroutine and
// buffer nothing. Their sequences may be ranged as often as what they were made from,
// and by as many goroutines. [FromRecv] adapts the streams of protoc-gen-go-grpc. A nil
// sequence panics when it is ranged, unless its function says otherwise.
//
// Requests that wait, such as those of FromChan, need a context that ends with their
// call. [Scope] makes one, and [ScopeResult] makes one for a call with one response.
// When the sequence of requests ends, the client tells the server so: this is the
// half-close. [KeepOpen] is for servers that treat it as the end of the whole stream.
//
// A long stream may fall silent, or break. [Within] and [FirstWithin] end a stream
// that brings no message for too long. [RequestsWithin] and [FirstRequestWithin] do the
// same at a server. [Resume] opens a stream again at its consumer's position.
//
// Three types are for what a loop cannot do:
//
//   - A [Conversation], made by [Open] from any bidirectional method, has Send and Recv
//     for callers whose next request depends on the last response. Its Send learns of
//     the end of the call without a Recv. If the requests are changed on their way to
//     the stub, for instance by Map, Send learns of it only after a Recv, or from the
//     context.
//   - A [Topic] passes events to many subscribers, each with a bounded queue.
//   - A [Chan], made by [ToChan], has the messages of a sequence in a channel, for a
//     select.
//
// [OnHeader] and [ReuseMessages] are options of calls, for the method With of a stub.
// [ReuseRequests] is for a server.
//
// The page [Streams] shows these functions at work.
//
// # The contract of a stream
//
// A stream is a sequence, on the client and on the server, for the requests and for the
// responses. The producer is the sequence of a call's requests.
//
//   - A sequence is messages, then nothing, which means OK, or exactly one
//     (nil, err). On the client err always has a gRPC code: it is the status of the
//     RPC or, if the caller's own producer ended the call, an error in which errors.Is
//     finds the producer's. io.EOF never appears.
//   - Responses on the client are cold. Calling the method does nothing, ranging
//     opens the RPC, and ranging again is a new RPC. An error on opening is the
//     one (nil, err). Several goroutines may range them concurrently, if the requests
//     allow that.
//   - Leaving the loop ends the RPC before the statement after the loop runs: a
//     break, a return, a panic or runtime.Goexit cancels the RPC. Leaving takes at
//     most 50 milliseconds, whatever interceptors do. What has arrived by then is
//     received in the background, for at most 30 seconds and a million messages, so
//     that interceptors see the end. A call with targets of [grpc.Header],
//     [grpc.Trailer] or [grpc.Peer] returns when grpc has written them, and they
//     are not written after the loop. The server sees Canceled.
//   - Requests on the server are one stream, and ranging again continues it. After
//     the half-close of the client the sequence is empty. After an error it yields
//     that error again. After the handler has returned, it yields Canceled.
//   - Responses on the server are ranged on the goroutine of the RPC. yield
//     blocks while flow control does. A nil sequence, a yield of (nil, nil), io.EOF
//     and two goroutines that yield concurrently are the status Internal.
//   - When the client has gone, yield returns false, each time and on every
//     goroutine. The handler's context ends too, but perhaps a moment later: code
//     that needs the end of the context must wait for ctx.Done. A handler that waits
//     outside of yield must watch its context. If it returns for that reason, its
//     status is that of the context, or that of the context's cause (see
//     [context.WithCancelCause]) if the cause has a gRPC status.
//   - A sequence that ignores 2,000 falses on the goroutine that ranges it is unwound
//     by a panic that ends there, so its deferred functions run. Before that, no
//     statement is skipped. A handler that ticks once a second is unwound after 33
//     minutes. On other goroutines nothing is unwound: each yield after the first
//     1,000 falses takes a millisecond or more, up to a second.
//   - A client-streaming or bidirectional call ranges its requests on one
//     goroutine of its own. The call ends when the RPC has ended, even if the
//     producer waits for something. The producer's next yield returns false. A
//     producer that waits in its own code cannot be woken, so it must watch a context
//     that ends with the call, such as that of [Scope].
//   - If the producer's sequence ended before the RPC, the caller sees what the
//     producer did. After an early end the producer may still be running. A call that
//     could not be opened does not range its requests.
//   - An error of the producer cancels the RPC. It wins over OK and Canceled,
//     since half of the requests must not look like all. A failure of the RPC
//     that had arrived before wins over it, and so does the status of the RPC
//     when the caller's context has ended.
//   - A panic of the producer continues in the caller, and grpclog logs it with its
//     stack. After the caller has left, it is only logged.
//   - Nothing is buffered here. A message is not touched after the yield that
//     sent it has returned: it may be changed, yielded again or returned to a
//     pool. grpc keeps bytes for a retry. But when it retries, it shows the message
//     itself again to a client's stats handler, and the traces of
//     [grpc.EnableTracing] show it later.
//   - Each received message is new, unless [ReuseMessages] or [ReuseRequests] is
//     used. Then the message is reset before the next one is received into it.
//
// Everything goes through NewStream and Invoke of the connection, and through
// the server's stream as its interceptors have wrapped it. On calls with a stream of
// requests, the interceptors of the client see SendMsg and RecvMsg concurrently.
//
// [Streams]: https://github.com/gohostrpc/gohost/blob/main/docs/streams.md
package stream
