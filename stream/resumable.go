package stream

import (
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/pushback"
)

// Resumable reports whether the same call may succeed when it is made again after the
// error err. [Resume] uses it, and [ResumeIf] can build on it. It is true for
//
//   - the code Unavailable: the server, a proxy or the network is gone;
//   - a status with the detail [google.rpc.RetryInfo], whatever its code, in which a
//     server says when to try again; the error of [Within] has one as well;
//   - a call that was cut off without a status of the server. Proxies do this when a
//     backend dies while it streams. Traefik, nginx, HAProxy and Caddy all reset the
//     stream, which is Internal here, and Canceled with HAProxy 3. Traefik may answer
//     500, which is Unknown. Other resets are ResourceExhausted or PermissionDenied, by
//     the table of HTTP/2 errors in [gRPC over HTTP/2].
//
// An Internal of a handler has the same code as a reset. They differ in the text that
// grpc-go gives to a status of its own. It begins with "stream terminated by
// RST_STREAM", or is "server closed the stream without sending trailers" or "unexpected
// EOF", or begins with "unexpected HTTP status code received from server: 5". A gateway
// that passes such a status on also passes on its text, and so its meaning. If a
// handler writes one of these texts itself, it is mistaken for a broken stream. Nothing
// else is.
//
// Resumable is false for nil.
//
// [google.rpc.RetryInfo]: https://github.com/googleapis/googleapis/blob/master/google/rpc/error_details.proto
// [gRPC over HTTP/2]: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#errors
func Resumable(err error) bool {
	if err == nil {
		return false
	}
	s := status.Convert(err)
	if s.Code() == codes.Unavailable || cutOff(s) {
		return true
	}
	_, ok := pushback.RetryInfo(s)
	return ok
}

// The texts of grpc-go for calls that were cut off.
const (
	textReset     = "stream terminated by RST_STREAM with error code: "
	textNoTrailer = "server closed the stream without sending trailers"
	textTruncated = "unexpected EOF"
	textHTTP5xx   = "unexpected HTTP status code received from server: 5"
)

func cutOff(s *status.Status) bool {
	text := s.Message()
	switch s.Code() {
	case codes.Internal:
		return text == textNoTrailer || text == textTruncated || strings.HasPrefix(text, textReset)
	case codes.Unknown:
		return strings.HasPrefix(text, textHTTP5xx)
	case codes.Canceled, codes.ResourceExhausted, codes.PermissionDenied:
		return strings.HasPrefix(text, textReset) // with CANCEL, ENHANCE_YOUR_CALM and the like
	default:
		return false
	}
}
