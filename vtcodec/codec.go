package vtcodec

import (
	"errors"
	"fmt"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"
)

// Codec is an [encoding.CodecV2], for [google.golang.org/grpc.ForceServerCodecV2]
// and [google.golang.org/grpc.ForceCodecV2]. The zero value is ready to use. Many
// goroutines may use it concurrently.
type Codec struct{}

var _ encoding.CodecV2 = Codec{}

// Name returns "proto", the content-subtype of protobuf.
func (Codec) Name() string { return "proto" }

// message is a message with vtprotobuf's code.
type message interface {
	proto.Message
	SizeVT() int
	MarshalToSizedBufferVT(buf []byte) (int, error)
	UnmarshalVT(data []byte) error
}

// Marshal returns the bytes of v, a protobuf message. The caller owns them, and frees
// them: large ones come from grpc's buffer pool. v is not touched after Marshal has
// returned. The error is that of proto.Marshal, or says that v is not a message.
func (Codec) Marshal(v any) (mem.BufferSlice, error) {
	if m, ok := v.(message); ok {
		if k := kindOf(m); k.fast {
			data, err := encode(m.SizeVT(), func(buf []byte) error { return k.marshal(m, buf) })
			if err == nil {
				return data, nil
			}
			// Package proto decides about m.
		}
	}
	m, err := messageOf(v)
	if err != nil {
		return nil, err
	}
	return encode(proto.Size(m), func(buf []byte) error {
		_, err := proto.MarshalOptions{UseCachedSize: true}.MarshalAppend(buf[:0], m)
		return err
	})
}

// encode returns size bytes that fill fills. Small ones are cheaper to make than
// to pool.
func encode(size int, fill func(buf []byte) error) (mem.BufferSlice, error) {
	if mem.IsBelowBufferPoolingThreshold(size) {
		buf := make([]byte, size)
		if err := fill(buf); err != nil {
			return nil, err
		}
		return mem.BufferSlice{mem.SliceBuffer(buf)}, nil
	}
	pool := mem.DefaultBufferPool()
	buf := pool.Get(size)
	if err := fill(*buf); err != nil {
		pool.Put(buf)
		return nil, err
	}
	return mem.BufferSlice{mem.NewBuffer(buf, pool)}, nil
}

var errUnlike = errors.New("vtcodec: not what proto.Marshal would return")

// marshal fills buf with m. vtprotobuf's code panics at a nil in a oneof, which
// proto.Marshal ignores, and does not check whether strings are UTF-8.
func (k *kind) marshal(m message, buf []byte) (err error) {
	defer func() {
		if recover() != nil {
			err = errUnlike
		}
	}()
	n, err := m.MarshalToSizedBufferVT(buf)
	if err == nil && (n != len(buf) || k.strings && !k.shape.plain(buf, maxDepth)) {
		err = errUnlike
	}
	return err
}

// Unmarshal sets v, a protobuf message, to the content of data, whatever v was before. v
// keeps no part of data, which still belongs to the caller. The error is that of
// proto.Unmarshal, or says that v is not a message.
func (Codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, err := messageOf(v)
	if err != nil {
		return err
	}
	buf := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer buf.Free()
	b := buf.ReadOnlyData()
	if m, ok := v.(message); ok && kindOf(m).unmarshal(m, b) {
		return nil
	}
	return proto.Unmarshal(b, m)
}

// unmarshal unmarshals b into m. It returns false if package proto must decide what b
// is.
func (k *kind) unmarshal(m message, b []byte) bool {
	if !k.fast || !k.shape.plain(b, maxDepth) {
		return false
	}
	// UnmarshalVT merges. A message that ResetVT has emptied keeps its inner messages.
	// Those of another one may be in use elsewhere, and are not touched.
	if empty := m.SizeVT() == 0; !empty || k.shape.zeros {
		if r, ok := m.(interface{ ResetVT() }); ok && empty {
			r.ResetVT()
		} else {
			proto.Reset(m)
		}
	}
	return m.UnmarshalVT(b) == nil
}

// messageOf returns v as a message.
func messageOf(v any) (proto.Message, error) {
	switch v := v.(type) {
	case proto.Message:
		return v, nil
	case protoadapt.MessageV1:
		return protoadapt.MessageV2Of(v), nil
	}
	return nil, fmt.Errorf("vtcodec: the message is %T, want a proto.Message", v)
}
