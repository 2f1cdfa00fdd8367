package private

import "google.golang.org/grpc/status"

// Hide returns an error with the text of err and the status of public: err is
// for this process, public for others. errors.Is finds what it finds in err.
func Hide(err, public error) error { return &hiddenError{err, public} }

// hiddenError is an error in whose place a server sends another one.
type hiddenError struct {
	error
	other error
}

// Unwrap returns the error for this process.
func (e *hiddenError) Unwrap() error { return e.error }

// GRPCStatus returns the status of the public error.
func (e *hiddenError) GRPCStatus() *status.Status { return status.Convert(Public(e.other)) }

func (e *hiddenError) public() error { return e.other }
