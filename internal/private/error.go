// Package private has errors that tell more in this process than over the wire.
// The host of a call is such a thing: its caller wants to read it, and the
// callers of a gateway must not.
package private

import "google.golang.org/grpc/status"

// Error is an error with two texts. Its own is Local; its status, which a
// server sends, is the one of Public.
//
// A wrapper is stronger than that: of fmt.Errorf("…: %w", err) package status
// makes a status with the whole text. [Public] takes the local texts out of it.
type Error struct {
	Public error  // has a status; it is what errors.Is and errors.As find
	Local  string // the text in this process
}

// Error returns the local text.
func (e *Error) Error() string { return e.Local }

// Unwrap returns the public error.
func (e *Error) Unwrap() error { return e.Public }

// GRPCStatus makes the public status the error's for package status.
func (e *Error) GRPCStatus() *status.Status { return status.Convert(Public(e.Public)) }

func (e *Error) public() error { return e.Public }

// private is what the errors of this package are.
type private interface {
	error
	public() error // has the text and the status for others
}
