// Package private has errors that tell more in this process than over the wire.
// For example, an error names the host to the caller of a call, but not to the
// clients of a gateway.
package private

import "google.golang.org/grpc/status"

// Error is an error with two texts. Its own text is Local; its status, which a
// server sends, is that of Public.
//
// A wrapper defeats that: package status makes a status with the whole text of
// fmt.Errorf("…: %w", err). [Public] removes the local texts from it.
type Error struct {
	Public error  // has a status; it is what errors.Is and errors.As find
	Local  string // the text in this process
}

// Error returns the local text.
func (e *Error) Error() string { return e.Local }

// Unwrap returns the public error.
func (e *Error) Unwrap() error { return e.Public }

// GRPCStatus returns the public status.
func (e *Error) GRPCStatus() *status.Status { return status.Convert(Public(e.Public)) }

func (e *Error) public() error { return e.Public }

// private is implemented by the errors of this package.
type private interface {
	error
	public() error // has the text and the status for others
}
