// Package given completes the fragments of README.md.
package given

import (
	"context"
	"fmt"
	"io"
	"iter"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/feed"
	pb "github.com/gohostrpc/gohost/testdata/migrating"
)

var (
	ctx     context.Context
	conn    *grpc.ClientConn
	library pb.LibraryStub
	news    feed.RedisStreamStub
	req     *pb.ListRequest
)

type server struct{ books []*pb.Book }
