package private

import (
	"errors"
	"strings"

	"google.golang.org/grpc/status"
)

// WithHost returns the error of a call that has named a host, which its text
// names as well. Its status is that of err, and errors.Is finds err.
func WithHost(err error, host string) error { return &hostError{err, host} }

// WithHostOf returns err with the host that the text of call, the error of a
// call, names: err itself where that names none.
func WithHostOf(call, err error) error {
	if named := (*hostError)(nil); errors.As(call, &named) {
		return WithHost(err, named.host)
	}
	return err
}

// hostError makes its text when somebody reads it: most errors are looked at by
// their codes.
type hostError struct {
	err  error
	host string
}

// Error returns the text of err with the host, and what to do about a host that
// credentials have refused.
func (e *hostError) Error() string {
	text := e.err.Error() + " (host " + e.host + ")"
	if refusedByCredentials(text) {
		text += ": gohost.Credentials accepts a host that is not in the certificate"
	}
	return text
}

// Unwrap returns the error without the host.
func (e *hostError) Unwrap() error { return e.err }

// GRPCStatus makes the public status the error's for package status.
func (e *hostError) GRPCStatus() *status.Status { return status.Convert(Public(e.err)) }

func (e *hostError) public() error { return e.err }

// refusedByCredentials tells by the text of an error, since grpc has no error
// of its own for it, whether credentials have refused the host, and those of
// gohost.Credentials have not been asked.
func refusedByCredentials(text string) bool {
	return (strings.Contains(text, "failed to validate authority") || strings.Contains(text, "AuthorityValidator")) &&
		!strings.Contains(text, "gohost.Credentials")
}
