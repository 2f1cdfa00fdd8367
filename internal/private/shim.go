package private

import "google.golang.org/grpc/status"

type Error struct {
	Public error
	Local  string
}

func (e Error) Error() string              { return e.Local }
func (e Error) Unwrap() error              { return e.Public }
func (e Error) GRPCStatus() *status.Status { return status.Convert(e.Public) }
func Public(err error) error               { return err }
