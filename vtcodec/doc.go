// Package vtcodec is a codec for grpc that marshals and unmarshals with the code
// that vtprotobuf generates, where a message has it. With it and with messages
// that are reused, a stream of nested messages takes two thirds of the processor
// time, and half of the allocations: docs/performance.md has the figures.
//
//	server := grpc.NewServer(grpc.ForceServerCodecV2(vtcodec.Codec{}))
//
//	conn, err := grpc.NewClient(target, grpc.WithDefaultCallOptions(
//		grpc.ForceCodecV2(vtcodec.Codec{})), …)
//
// It serves stubs of any generator. The other side may have any codec: bytes and
// content-subtype ("proto") are those of protobuf.
//
// # The code of vtprotobuf
//
// The plugin of vtprotobuf runs beside protoc-gen-go. As a tool of a module it
// comes by
//
//	go get -tool github.com/planetscale/vtprotobuf/cmd/protoc-gen-go-vtproto@v0.6.1-0.20240319094008-0393e58bdf10
//
// (v0.6.0 does not send a oneof whose message is nil, which this commit has
// repaired), and in buf.gen.yaml it is
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
// # Messages that are reused
//
// Messages of stream.ReuseMessages and stream.ReuseRequests are received into
// one, and so are those of a loop by hand that calls ResetVT before RecvMsg. The
// message keeps its lists, and the messages in them, if it has ResetVT, which is
// generated for the messages of these Go packages by
//
//	opt:
//	  - paths=source_relative
//	  - features=marshal+unmarshal+size+pool
//	  - pool=example.com/gen/acme/v1.*
//
// Then two rules hold beside those of ReuseMessages. A message that is reused
// must not be changed: what a program cuts off a list comes back in a later
// message. And nothing of it, no message inside of it either, may be used once the
// next one is received, since ResetVT gives it to a pool of the whole program.
// Without pool a message is reset by Reset, and there are no such rules.
//
// # What is promised
//
//   - A message is what grpc's own codec makes of the same bytes: equal by
//     proto.Equal, or the same error. Bytes that no marshaler writes, and types
//     that vtprotobuf understands otherwise, are left to package proto. The types
//     are those that contain a group, extensions, or optional bytes in a message
//     with ResetVT.
//   - What is sent is a message that is equal for each receiver, or the same
//     error, but for what only a program can have put into it: a negative zero in a
//     field that is not sent if it is zero arrives as zero, and unknown fields of
//     well-known types, such as Timestamp, are not sent.
//   - Strings are UTF-8 in both directions, as proto holds it.
//   - A peer cannot do more harm than with grpc's own codec: bytes are looked at
//     before vtprotobuf's code gets them, and nesting deeper than 100 messages is
//     left to package proto, which has a limit.
//   - A message without such code is marshaled and unmarshaled by package proto.
//   - Whatever a message was before, it is what has been received. What was inside
//     of it is not changed and not pooled, unless the caller has reset it by ResetVT.
//   - A message keeps nothing of the buffer that it was received in. A buffer keeps
//     nothing of the message: when Marshal has returned, as it has when yield
//     returns, the message may be changed, sent again, or returned to a pool.
//   - Large buffers are from grpc's pool, and go back to it.
//   - Many goroutines may use a codec concurrently.
package vtcodec
