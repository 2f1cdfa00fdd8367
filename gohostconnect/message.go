package gohostconnect

import (
	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// cleared returns an empty message of the type of m.
func cleared(m any) any {
	if p, ok := m.(proto.Message); ok {
		return p.ProtoReflect().New().Interface()
	}
	return m
}

// emptyIfEmpty empties m if the received message is empty: connect does not change m
// then.
func emptyIfEmpty(m any, info *connect.CallInfo) {
	if p, ok := m.(proto.Message); ok && info.ReceiveStats.Size == 0 {
		proto.Reset(p)
	}
}

// cloned returns a copy of a message.
func cloned(m any) any {
	if p, ok := m.(proto.Message); ok {
		return proto.Clone(p)
	}
	return m // connect says which type it wants
}

// checkSize returns an error, in grpc's words, if m is larger than limit. A nil limit
// allows any size.
func checkSize(what string, m any, limit *int) error {
	p, ok := m.(proto.Message)
	if limit == nil || !ok {
		return nil
	}
	if size := proto.Size(p); size > *limit {
		return status.Errorf(codes.ResourceExhausted, "trying to %s message larger than max (%d vs. %d)", what, size, *limit)
	}
	return nil
}
