package gohost

import (
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// The reason and the domain of the [errdetails.ErrorInfo] that [HostCheck] and [Mux]
// attach to the status of a call whose host they do not serve. Its metadata has the keys
// "host" and "service". The code is Unimplemented: clients would retry Unavailable, with
// the same host.
const (
	ReasonHostNotServed = "HOST_NOT_SERVED"
	ErrorDomain         = "github.com/gohostrpc/gohost"
)

// notServed returns that status as an error. The authority may be junk.
func notServed(service, authority string) error {
	const enough = 300
	if len(authority) > enough {
		authority = authority[:enough] + "…"
	}
	authority = strings.ToValidUTF8(authority, "\uFFFD")
	s := status.New(codes.Unimplemented, fmt.Sprintf("service %s is not served for host %q", service, authority))
	detailed, err := s.WithDetails(&errdetails.ErrorInfo{
		Reason:   ReasonHostNotServed,
		Domain:   ErrorDomain,
		Metadata: map[string]string{"host": authority, "service": service},
	})
	if err != nil {
		return s.Err()
	}
	return detailed.Err()
}
