package frame

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Conn is a connection that accepts frames, if PassesFrames says so, from a
// stub that serves as an implementation.
type Conn interface {
	grpc.ClientConnInterface
	PassesFrames() bool
}

// Fits reports whether frames can hold the messages of a server's call: they
// are Protocol Buffers, not messages of another codec that the client has
// named.
func Fits(ctx context.Context) bool {
	for _, contentType := range metadata.ValueFromIncomingContext(ctx, "content-type") {
		switch contentType {
		case "application/grpc", "application/grpc+proto", "application/grpc;proto":
		default:
			return false
		}
	}
	return true
}
