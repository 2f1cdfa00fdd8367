// Package vtcodec is a codec for grpc that marshals and unmarshals with the code
// that vtprotobuf generates, where a message has it. With it, and with messages
// that are reused, streams of nested messages cost half of the processor time.
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
// The plugin runs beside protoc-gen-go. In buf.gen.yaml:
//
//   - local: [go, tool, protoc-gen-go-vtproto]
//     out: gen
//     opt:
//   - paths=source_relative
//   - features=marshal+unmarshal+size
//
// after
//
//	go get -tool github.com/planetscale/vtprotobuf/cmd/protoc-gen-go-vtproto@v0.6.1-0.20240319094008-0393e58bdf10
//
// (v0.6.0 has a bug that a later commit has repaired: it does not send a oneof
// whose message is nil.) This package does not import vtprotobuf. The generated code
// does.
//
// A message that is reused is one of stream.ReuseMessages or
// stream.ReuseRequests, or one that a loop by hand resets by ResetVT before it
// receives into it. It keeps its lists, and the messages in them, if it has
// ResetVT:
//
//   - features=marshal+unmarshal+size+pool
//   - pool=example.com/gen/acme/v1.* # a Go package, and its messages
//
// Then two rules hold beside that of ReuseMessages. A reused message must not be
// changed: what a program has cut off a list would come back in a later message.
// And nothing of it, no message inside of it either, may be used after the next
// one has been received: ResetVT gives it to a pool of the whole program. For
// streams of other messages the pool is of no use, and these lines are better
// left out.
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
