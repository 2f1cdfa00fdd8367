// Package stream is about sequences of messages: what the streams of the stubs
// made by protoc-gen-gohost are, and what users make to give to them.
//
// A sequence is an iter.Seq2[*Msg, error]: messages, each with a nil error, and
// then nothing, which says that all is well, or exactly one (nil, err). A loop
// ranges over it:
//
//	for msg, err := range stub.RangeSquare(ctx, req) {
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
//
// Two types go further. A [Conversation], made by [Open] out of any
// bidirectional method, has Send and Recv for callers whose next request depends
// on the last response. Its Send learns of the end of the call without a Recv,
// unless the requests are changed on their way to the stub, by Map for instance:
// then a Recv or the context tells. A [Topic] hands on events to many
// subscribers, each with a bounded queue.
package stream
