package stream

import (
	"time"

	"google.golang.org/grpc"
)

// RequestsWithin returns an option of a server by which its handlers wait no
// longer than d for a request. It is [Within] for what a handler receives: for
// clients that open a stream and fall silent, while their connection is fine.
//
//	grpc.NewServer(stream.RequestsWithin(time.Minute))
//
// When a handler has waited longer than d, whatever waits for a request gets the
// error DeadlineExceeded, with a text that says so; the handler's context ends,
// with that error as its cause; and nothing more can be received or sent. If the
// handler then returns nil, or that its context was canceled, the client gets
// that status, whatever the handler was generated with. It has the detail
// google.rpc.RetryInfo with a delay of zero: a client with [Resume] opens the
// stream again.
//
// Only the time in which a handler waits for a request counts: not what it does
// between two of them, nor anything after the client's half-close. The one
// request of a server-streaming method counts, and the handler's method is
// not called without it. Unary methods have no limit, since interceptors come
// after their request: there the client's deadline is the only one.
//
// It is an interceptor, and stands among the others in the order of the options:
// those before it see the status. Each stream whose handler receives has one goroutine more,
// which ends with the stream. As long as the handler runs, that one may still
// receive into the message that RecvMsg was given when the time was over, which
// code that calls RecvMsg itself must not use again. A SendMsg that waits for
// flow control at that time goes on waiting.
//
// Where d is zero or less there is no limit.
func RequestsWithin(d time.Duration) grpc.ServerOption {
	return limitRequests(patience{what: "request", d: d})
}

// FirstRequestWithin is [RequestsWithin] for the first request of each stream
// alone. The goroutine ends with it. Both may be given.
func FirstRequestWithin(d time.Duration) grpc.ServerOption {
	return limitRequests(patience{what: "first request", d: d, first: true})
}

// RequestsWithinInterceptor is the interceptor of [RequestsWithin], for servers that
// are no grpc.Server.
func RequestsWithinInterceptor(d time.Duration) grpc.StreamServerInterceptor {
	return limitingRequests(patience{what: "request", d: d})
}

// FirstRequestWithinInterceptor is the interceptor of [FirstRequestWithin].
func FirstRequestWithinInterceptor(d time.Duration) grpc.StreamServerInterceptor {
	return limitingRequests(patience{what: "first request", d: d, first: true})
}

func limitRequests(p patience) grpc.ServerOption {
	return grpc.ChainStreamInterceptor(limitingRequests(p))
}

func limitingRequests(p patience) grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
		if p.d <= 0 {
			return handler(srv, ss)
		}
		p := p
		p.first = p.first || !info.IsClientStream
		s := newLimitedStream(ss, p)
		defer s.close()
		return s.outcome(handler(srv, s))
	}
}
