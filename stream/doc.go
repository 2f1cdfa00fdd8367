// Package stream is about sequences of messages: what the streams of the stubs
// made by protoc-gen-gohost are, and what people make to give to them.
//
// A sequence is an iter.Seq2[*Msg, error]: messages, each with a nil error, and
// then nothing, which says that all is well, or exactly one (nil, err). People
// range over it:
//
//	for msg, err := range stub.RangeSquare(ctx, req) {
//		if err != nil {
//			return err
//		}
//		…
//	}
//
// The functions here make sequences out of slices, iterators, channels and
// functions, and compose them. They start no goroutine and buffer nothing, and
// a sequence that they return is ranged as often, and by as many goroutines at
// once, as what it was made of.
//
// Two types go further. A [Conversation], made by [Open] out of any
// bidirectional method, has Send and Recv for those who send what depends on
// what they have received. A [Topic] hands on events to many subscribers, each
// with a bounded queue.
package stream
