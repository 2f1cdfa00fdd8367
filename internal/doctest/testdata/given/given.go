// Package given completes the fragments of Go in the documents: they may use
// its imports and declarations, or declare their own instead.
package given

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"iter"
	"log"
	"net"
	"os"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/stub"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

var (
	ctx      context.Context
	t        *testing.T
	conn     *grpc.ClientConn
	server   *grpc.Server
	upstream *grpc.ClientConn
	creds    credentials.TransportCredentials
	service  squares.SquareServiceStub
	req      *squares.Message
	reqs     iter.Seq2[*squares.Message, error]
)

type squareServer struct {
	squares.UnimplementedSquareService
}
