package gohostconnect

import (
	"context"
	"errors"
	"strings"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

// typeURL is the prefix of the type of a detail.
const typeURL = "type.googleapis.com/"

// statusOf returns err, an error of connect, as the error of a status with its
// details. An error of a context has its code; any other error is Unknown.
func statusOf(err error) error {
	var e *connect.Error
	if !errors.As(err, &e) || e == nil {
		if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return status.FromContextError(err).Err()
		}
		return status.Error(codes.Unknown, err.Error())
	}
	p := status.New(codes.Code(e.Code()), e.Message()).Proto()
	for _, d := range e.Details() {
		p.Details = append(p.Details, &anypb.Any{TypeUrl: typeURL + d.Type, Value: d.Value})
	}
	return status.ErrorProto(p)
}

// connectErrorOf returns a handler's error as an error of connect, by the rules
// of grpc: a status stays that status, an error of a context has its code, and
// any other error is Unknown. All keep their texts.
func connectErrorOf(err error) error {
	if err == nil {
		return nil
	}
	s, ok := status.FromError(err)
	if !ok {
		s = status.FromContextError(err)
	}
	if s.Code() == codes.OK {
		return nil
	}
	e := connect.NewError(connect.Code(s.Code()), s.Message()).WithCause(err)
	for _, d := range s.Proto().GetDetails() {
		e = e.WithDetail(&connect.ErrorDetail{
			Type:  d.GetTypeUrl()[strings.LastIndexByte(d.GetTypeUrl(), '/')+1:],
			Value: d.GetValue(),
		})
	}
	return e
}
