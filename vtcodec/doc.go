// Package vtcodec is a codec for grpc that marshals and unmarshals with vtprotobuf's
// generated code, if a message has it. With it and with reused messages, a stream of
// nested messages takes two thirds of the processor time and half of the allocations.
// The page [Performance] has the figures.
//
//	server := grpc.NewServer(grpc.ForceServerCodecV2(vtcodec.Codec{}))
//
//	conn, err := grpc.NewClient(target, grpc.WithDefaultCallOptions(
//		grpc.ForceCodecV2(vtcodec.Codec{})), …)
//
// It works with stubs of any generator. The other side may have any codec, since bytes
// and content-subtype ("proto") are those of protobuf.
//
// # vtprotobuf's code
//
// vtprotobuf's plugin runs in addition to protoc-gen-go. This command adds it as a tool
// of a module:
//
//	go get -tool github.com/planetscale/vtprotobuf/cmd/protoc-gen-go-vtproto@v0.6.1-0.20240319094008-0393e58bdf10
//
// (v0.6.0 does not send a oneof whose message is nil; this commit corrects that.) In
// buf.gen.yaml, write:
//
//	plugins:
//	  - local: [go, tool, protoc-gen-go-vtproto]
//	    out: gen
//	    opt:
//	      - paths=source_relative
//	      - features=marshal+unmarshal+size
//
// This package does not import vtprotobuf. The generated code does.
//
// # Reused messages
//
// stream.ReuseMessages and stream.ReuseRequests receive all messages of a stream into
// one message, and so does a hand-written loop that calls ResetVT before RecvMsg. If the
// message has ResetVT, it keeps its lists, and the messages in them. These options
// generate ResetVT for the messages of the given Go packages:
//
//	opt:
//	  - paths=source_relative
//	  - features=marshal+unmarshal+size+pool
//	  - pool=example.com/gen/acme/v1.*
//
// Then two rules apply in addition to those of ReuseMessages. A reused message must not
// be changed: what a program cuts off a list comes back in a later message. And no part
// of it, not even a message inside of it, may be used after the next one is received,
// since ResetVT gives it to a pool of the whole program. Without pool, Reset resets a
// message, and these rules do not apply.
//
// # What is promised
//
//   - A received message is the same as with grpc's own codec: equal by proto.Equal, or
//     the same error. Package proto handles bytes that no marshaler writes, and types
//     that vtprotobuf interprets differently. These types are those that contain a
//     group, extensions, or optional bytes in a message with ResetVT.
//   - A sent message is equal for each receiver, or the same error. There are two
//     exceptions, which only a program can cause. A negative zero arrives as zero, in a
//     field that is not sent if it is zero. Unknown fields of well-known types, such as
//     Timestamp, are not sent.
//   - Strings are UTF-8 in both directions, as proto requires.
//   - A peer cannot do more harm than with grpc's own codec. Bytes are checked before
//     vtprotobuf's code gets them, and messages nested more than 100 levels deep are left
//     to package proto, which has a limit.
//   - Package proto marshals and unmarshals messages without vtprotobuf's code.
//   - Whatever a message contained before, it contains what was received. Its former
//     inside is not changed and not pooled, unless the caller has reset the message with
//     ResetVT.
//   - A message keeps no part of the buffer that it was received in. A buffer keeps no
//     part of the message. When Marshal has returned, which it has when yield returns,
//     the message may be changed, sent again, or returned to a pool.
//   - Large buffers come from grpc's pool, and return to it.
//   - Many goroutines may use a codec concurrently.
//
// [Performance]: https://github.com/gohostrpc/gohost/blob/main/docs/performance.md
package vtcodec
