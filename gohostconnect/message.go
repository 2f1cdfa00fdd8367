package gohostconnect

import (
	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// cleared returns an empty message of the type of m.
func cleared(m any) any {
	if p, ok := m.(proto.Message); ok {
		return p.ProtoReflect().New().Interface()
	}
	return m
}

// emptyIfEmpty empties m if what was received into it is empty: connect leaves m as it was then.
func emptyIfEmpty(m any, info *connect.CallInfo) {
	if p, ok := m.(proto.Message); ok && info.ReceiveStats.Size == 0 {
		proto.Reset(p)
	}
}

// sizeOf returns the size of a message in bytes.
func sizeOf(m any) int {
	if p, ok := m.(proto.Message); ok {
		return proto.Size(p)
	}
	return 0
}

// sentOf returns a copy of md without what is not sent.
func sentOf(md metadata.MD) metadata.MD {
	sent := make(metadata.MD, len(md))
	for key, values := range md {
		if isSent(key) {
			sent[key] = append([]string(nil), values...)
		}
	}
	return sent
}
