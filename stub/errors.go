package stub

import (
	"io"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/internal/private"
	"github.com/gohostrpc/gohost/internal/routing"
)

// misuse returns the error of a call whose code, on our side, is wrong.
func misuse(method, what string) error {
	return status.Errorf(codes.Internal, "gohost: %s: %s", method, what)
}

// invalidHost returns the error of a service's calls with an option that has an invalid
// host, or nil if err is nil. A server that passes it on does not tell its callers which
// host it is.
func invalidHost(service string, err error) error {
	if err == nil {
		return nil
	}
	public := status.Errorf(codes.InvalidArgument, "gohost: %s: the host of the call is invalid", service)
	return &private.Error{Public: public, Local: status.Errorf(codes.InvalidArgument, "gohost: %s: %v", service, err).Error()}
}

// invalidEnvironment returns the error of a service's calls if the environment has an
// invalid entry for it. That is a fault of this program, and not of the caller.
func invalidEnvironment(service string, err error) error {
	public := status.Errorf(codes.Internal, "gohost: %s: the environment variable %s is invalid", service, routing.Variable)
	return &private.Error{Public: public, Local: status.Errorf(codes.Internal, "gohost: %s: %v", service, err).Error()}
}

// checkYielded returns the error to report for one that a sequence yielded or a handler
// returned. It is err itself, unless err could be mistaken for success.
func checkYielded(method string, err error) error {
	switch {
	case err == io.EOF:
		return misuse(method, "the error is io.EOF, which no client understands: a sequence ends by returning")
	case status.Code(err) == codes.OK:
		return misuse(method, "the error has the status OK: "+err.Error())
	}
	return err
}

// asStatus returns err as an error with a gRPC status. Errors of a transport have one;
// errors of an interceptor need not.
func asStatus(err error) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	return statusError{err}
}

// noEOF is asStatus for code that does not expect an end.
func noEOF(method string, err error) error {
	if err == io.EOF {
		return misuse(method, "the call ended without a response")
	}
	return asStatus(err)
}

// statusError gives a status to an error without one, and keeps the error for errors.Is.
type statusError struct{ error }

func (e statusError) Unwrap() error { return e.error }

// GRPCStatus returns the error's status, for package status.
func (e statusError) GRPCStatus() *status.Status { return status.FromContextError(e.error) }

// codeOf returns the code of the status that asStatus gives err.
func codeOf(err error) codes.Code { return status.Code(asStatus(err)) }

// asStatus is asStatus for the error of a call, and adds the host. The host is only in the
// text. The status is that of the RPC, so a server that passes the error on tells nothing
// about its backends.
func (r *route) asStatus(err error) error {
	err = asStatus(err)
	if r.host == "" {
		return err
	}
	return private.WithHost(err, r.host)
}

// producerStatus is asStatus for an error with which a sequence of requests has ended the
// call. An error of a context is probably that of the call's context, and names the host
// like that.
func (r *route) producerStatus(err error) error {
	if _, ok := status.FromError(err); !ok && codeOf(err) != codes.Unknown {
		return r.asStatus(err)
	}
	return asStatus(err)
}

// sendStatus is asStatus for the sending side, where io.EOF is not an error of its own.
func (r *route) sendStatus(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return r.asStatus(err)
}
