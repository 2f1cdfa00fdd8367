package frame

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// Conn is a connection to which a stub that serves as an implementation passes
// frames, if PassesFrames says so.
type Conn interface {
	grpc.ClientConnInterface
	PassesFrames() bool
}

// Fits tells whether the messages of a server's call are those that frames can
// hold: of Protocol Buffers, and not of a codec that the client has named.
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
