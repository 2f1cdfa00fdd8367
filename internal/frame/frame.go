// Package frame has messages that are not decoded. A gateway passes them on unchanged.
package frame

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/grpc/mem"
)

// Frame is a message as on the wire, without the compression and the length that gRPC
// adds. The zero Frame is an empty message.
//
// It is not a proto.Message, and its Validate fails. So an interceptor that looks into
// messages refuses it, instead of finding nothing in it. grpc's codec still accepts it,
// as a message of the older API that marshals itself, like those of gogo/protobuf.
//
// After a frame has been passed on, it is reused for the next message of its stream, and
// its memory returns to a pool of grpc. Many goroutines may call its methods concurrently.
// A goroutine that keeps it finds another message in it, or none.
type Frame struct {
	mu   sync.Mutex
	data mem.BufferSlice
	own  []byte // the content of data, if that is one slice which nobody changes
}

// Bytes returns a copy of the message.
func (f *Frame) Bytes() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.data.Materialize()
}

// Len returns the length of the message in bytes.
func (f *Frame) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.data.Len()
}

// String returns a text for logs, without the content of the message.
func (f *Frame) String() string { return fmt.Sprintf("a frame of %d bytes", f.Len()) }

// ProtoMessage makes f a message of the older API, for codecs.
func (*Frame) ProtoMessage() {}

// errNotLookedAt is the error of Validate.
var errNotLookedAt = errors.New("gateway: a frame cannot be validated: an interceptor that looks at messages needs a gateway without Raw")

// Validate returns an error. So an interceptor that calls this method of messages refuses
// the call: it must not treat an unchecked message as valid.
func (*Frame) Validate() error { return errNotLookedAt }

// ValidateAll is Validate for interceptors that call this method.
func (*Frame) ValidateAll() error { return errNotLookedAt }

// Reset empties f.
func (f *Frame) Reset() { f.replace(nil, nil) }

// Marshal returns the message, which the caller must not change. Codecs call it. grpc's
// codec calls it twice, to know the size beforehand.
func (f *Frame) Marshal() ([]byte, error) {
	f.mu.Lock()
	own := f.own
	f.mu.Unlock()
	if own == nil {
		own = f.Bytes()
		f.replace(mem.BufferSlice{mem.SliceBuffer(own)}, own)
	}
	return own, nil
}

// Unmarshal sets the message to a copy of b. Codecs call it.
func (f *Frame) Unmarshal(b []byte) error {
	own := slices.Clone(b)
	f.replace(mem.BufferSlice{mem.SliceBuffer(own)}, own)
	return nil
}

// replace sets the message to data, and gives back the memory of the last one.
func (f *Frame) replace(data mem.BufferSlice, own []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.data.Free()
	f.data, f.own = data, own
}

// share returns the message, whose memory the caller has to free.
func (f *Frame) share() mem.BufferSlice {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.data.Ref()
	return slices.Clone(f.data)
}
