package gateway

import (
	"io"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// clientStream is a call to the upstream that passes its header and its trailer
// back to the client.
type clientStream struct {
	grpc.ClientStream
	*call
	responses bool // there may be several

	header   sync.Once
	answered atomic.Bool // a header has come
	over     atomic.Bool // grpc has ended the call
	begun    bool        // receiving has begun
}

// finish is called by grpc at the end of the call. Then its trailer may be read,
// whatever an interceptor has returned.
func (s *clientStream) finish(error) { s.over.Store(true) }

// Header returns the header when it has come, and passes it back.
func (s *clientStream) Header() (metadata.MD, error) {
	header, err := s.ClientStream.Header()
	if err != nil {
		return nil, s.public(err, false)
	}
	s.header.Do(func() {
		if header == nil {
			return
		}
		s.answered.Store(true)
		if !s.left() {
			_ = grpc.SendHeader(s.ctx, s.back(header)) // code around the stub may have sent one
		}
	})
	return header, nil
}

// left reports whether nobody waits for the call any more. Its context ends before the
// handler does, and after that nothing is passed back.
func (s *clientStream) left() bool { return s.ctx.Err() != nil }

// RecvMsg passes back the header, possibly long before the first message, and the trailer
// before the end.
func (s *clientStream) RecvMsg(m any) error {
	if !s.begun {
		s.begun = true
		if _, err := s.Header(); err != nil {
			return err
		}
	}
	err := s.ClientStream.RecvMsg(m)
	if err == nil && s.responses {
		return nil
	}
	var trailer metadata.MD
	if !s.left() && (err == nil || err == io.EOF || s.over.Load()) {
		trailer = s.Trailer()
		_ = grpc.SetTrailer(s.ctx, s.back(trailer))
	}
	if err == nil || err == io.EOF {
		return err
	}
	return s.public(err, s.answered.Load() || len(trailer) > 0)
}

// SendMsg sends a request. Its errors, except io.EOF, come from this process.
func (s *clientStream) SendMsg(m any) error { return s.sent(s.ClientStream.SendMsg(m)) }

// CloseSend is the half-close.
func (s *clientStream) CloseSend() error { return s.sent(s.ClientStream.CloseSend()) }

func (s *clientStream) sent(err error) error {
	if err == io.EOF {
		return err
	}
	return s.public(err, false)
}
