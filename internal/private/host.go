package private

import (
	"errors"
	"strings"

	"google.golang.org/grpc/status"
)

// WithHost returns err, the error of a call, with the call's host in its text.
// Its status is that of err, and errors.Is finds err.
func WithHost(err error, host string) error { return &hostError{err, host} }

// WithHostOf returns err with the host that the error call names in its text,
// or err itself if call names none.
func WithHostOf(call, err error) error {
	if named := (*hostError)(nil); errors.As(call, &named) {
		return WithHost(err, named.host)
	}
	return err
}

// hostError makes its text only when asked: of most errors only the code is
// read.
type hostError struct {
	err  error
	host string
}

// Error returns the text of err with the host, and advice if credentials have
// refused the host.
func (e *hostError) Error() string {
	text := e.err.Error() + " (host " + e.host + ")"
	if refusedByCredentials(text) {
		text += ": gohost.Credentials accepts a host that is not in the certificate"
	}
	return text
}

// Unwrap returns the error without the host.
func (e *hostError) Unwrap() error { return e.err }

// GRPCStatus returns the public status.
func (e *hostError) GRPCStatus() *status.Status { return status.Convert(Public(e.err)) }

func (e *hostError) public() error { return e.err }

// refusedByCredentials reports whether credentials other than
// gohost.Credentials have refused the host. It goes by the text of the error,
// since grpc has no error value for it.
func refusedByCredentials(text string) bool {
	return (strings.Contains(text, "failed to validate authority") || strings.Contains(text, "AuthorityValidator")) &&
		!strings.Contains(text, "gohost.Credentials")
}
