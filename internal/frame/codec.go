package frame

import (
	"slices"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// Codec is a codec that does not copy frames: it sends the bytes that were
// received.
type Codec struct {
	Other encoding.CodecV2 // for all other messages; nil means the codec registered as "proto"
}

// Name returns "", so the content-type of a call stays that of grpc's own
// codec.
func (Codec) Name() string { return "" }

// Marshal returns the message in v.
func (c Codec) Marshal(v any) (mem.BufferSlice, error) {
	if f, ok := v.(*Frame); ok {
		return f.share(), nil
	}
	return c.other().Marshal(v)
}

// Unmarshal sets the message of v to data.
func (c Codec) Unmarshal(data mem.BufferSlice, v any) error {
	if f, ok := v.(*Frame); ok {
		data.Ref()
		f.replace(slices.Clone(data), nil)
		return nil
	}
	return c.other().Unmarshal(data, v)
}

func (c Codec) other() encoding.CodecV2 {
	if c.Other != nil {
		return c.Other
	}
	return encoding.GetCodecV2(proto.Name)
}
