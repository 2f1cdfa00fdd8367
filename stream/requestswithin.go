package stream

import (
	"time"

	"google.golang.org/grpc"
)

// RequestsWithin returns an option of a server whose handlers wait at most d for a
// request. It is [Within] for what a handler receives, and is for clients that open a
// stream and fall silent while their connection works.
//
//	grpc.NewServer(stream.RequestsWithin(time.Minute))
//
// When a handler has waited longer than d, the code that waits for a request gets the
// error DeadlineExceeded, with a text that says so. The handler's context ends with
// that error as its cause ([context.Cause]), and nothing more can be received or sent.
// If the handler then returns nil, or that its context was canceled, the client gets
// that status, whatever generator the handler's code is from. It has the detail
// [google.rpc.RetryInfo] with a delay of zero: a client with [Resume] opens the stream
// again.
//
// Only the time in which a handler waits for a request counts: not the time between
// two requests, nor the time after the client's half-close. The single request of a
// server-streaming method counts, and the method is not called without it. Unary
// methods have no limit, since interceptors run after their request: there the
// client's deadline is the only limit.
//
// The option is an interceptor, in the order of the options. Those before it see the
// status. Each stream whose handler receives has one more goroutine, which ends with
// the stream. Until the handler returns, that goroutine may still receive into the
// message of the RecvMsg that took too long, so code that calls RecvMsg itself must not
// use that message again. A SendMsg that waits for flow control at that time continues
// to wait.
//
// If d is zero or less, there is no limit.
//
// [google.rpc.RetryInfo]: https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
func RequestsWithin(d time.Duration) grpc.ServerOption {
	return limitRequests(patience{what: "request", d: d})
}

// FirstRequestWithin is [RequestsWithin] for only the first request of each stream. The
// goroutine of the stream ends when that has arrived. Both options may be given.
func FirstRequestWithin(d time.Duration) grpc.ServerOption {
	return limitRequests(patience{what: "first request", d: d, first: true})
}

// RequestsWithinInterceptor is the interceptor of [RequestsWithin], for servers other
// than a [grpc.Server].
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
