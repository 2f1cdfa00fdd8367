// Package frame has messages that are not decoded: a gateway passes them on as
// they have come.
package frame

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"google.golang.org/grpc/mem"
)

// Frame is a message as it is on the wire, without the compression and the
// length that gRPC adds. The zero Frame is an empty message.
//
// It is no proto.Message, and its Validate fails, so that an interceptor which
// looks into messages refuses it, rather than find nothing in it. The codec of grpc takes it all the
// same: as a message of the older API that marshals itself, such as those of
// gogo/protobuf.
//
// A frame is passed on and then used for the next message of its stream, and
// its memory goes back to a pool of grpc. Many goroutines may call its methods
// concurrently; those that keep it find another message in it, or none.
type Frame struct {
	mu   sync.Mutex
	data mem.BufferSlice
	own  []byte // what is in data, if that is one slice which nobody changes
}

// Bytes returns a copy of the message.
func (f *Frame) Bytes() []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.data.Materialize()
}

// Len returns how many bytes the message has.
func (f *Frame) Len() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.data.Len()
}

// String returns a text for logs, with nothing of what is in the message.
func (f *Frame) String() string { return fmt.Sprintf("a frame of %d bytes", f.Len()) }

// ProtoMessage makes f a message of the older API, for codecs.
func (*Frame) ProtoMessage() {}

// errNotLookedAt is what validators are told.
var errNotLookedAt = errors.New("gateway: a frame cannot be validated: an interceptor that looks at messages needs a gateway without Raw")

// Validate returns an error, by which an interceptor refuses the call that calls
// this method of messages: nobody may take what was not looked at for valid.
func (*Frame) Validate() error { return errNotLookedAt }

// ValidateAll is Validate for interceptors that call this one.
func (*Frame) ValidateAll() error { return errNotLookedAt }

// Reset empties f.
func (f *Frame) Reset() { f.replace(nil, nil) }

// Marshal returns the message, which the caller must not change. Codecs call it,
// and that of grpc does so twice, to know the size beforehand.
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

// Unmarshal makes b, of which it keeps a copy, the message. Codecs call it.
func (f *Frame) Unmarshal(b []byte) error {
	own := slices.Clone(b)
	f.replace(mem.BufferSlice{mem.SliceBuffer(own)}, own)
	return nil
}

// replace makes data the message, and gives back the memory of the one before.
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
