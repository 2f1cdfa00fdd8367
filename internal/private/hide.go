package private

import "google.golang.org/grpc/status"

// Hide returns err for this process, and public, which has a status, for others:
// its text is that of err, in which errors.Is finds what it did, and its status
// is that of public.
func Hide(err, public error) error { return &hiddenError{err, public} }

// hiddenError is an error of which a server sends another one.
type hiddenError struct {
	error
	other error
}

// Unwrap returns the error for this process.
func (e *hiddenError) Unwrap() error { return e.error }

// GRPCStatus makes the status of the public error its own for package status.
func (e *hiddenError) GRPCStatus() *status.Status { return status.Convert(Public(e.other)) }

func (e *hiddenError) public() error { return e.other }
