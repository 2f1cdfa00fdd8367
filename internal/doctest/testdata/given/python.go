// Package given completes the fragments of docs/from-python.md.
package given

import (
	"context"
	"fmt"
	"io"
	"iter"
	"log"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/feed"
	helloworld "github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

var (
	ctx     context.Context
	addr    string
	proxy   string
	service squares.SquareServiceStub
	greeter helloworld.GreeterStub
	req     *squares.Message
)

type squareServer struct {
	squares.UnimplementedSquareService
}

type feedServer struct {
	feed.UnimplementedRedisStream
}
