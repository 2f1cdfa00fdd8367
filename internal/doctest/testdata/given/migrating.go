// Package given completes the fragments of docs/migrating.md.
package given

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/stub"
	pb "github.com/gohostrpc/gohost/testdata/migrating"
)

var (
	ctx     context.Context
	t       *testing.T
	conn    *grpc.ClientConn
	server  *grpc.Server
	library pb.LibraryStub
	client  pb.LibraryClient
	req     *pb.GetRequest
	list    *pb.ListRequest
	books   []*pb.Book
	titles  []*pb.GetRequest
	reqs    iter.Seq2[*pb.GetRequest, error]
)

func use(...any) {}

func find(title string) (*pb.Book, error) { return nil, nil }

type oldLibrary struct{ pb.UnimplementedLibraryServer }

type newLibrary struct{ pb.UnimplementedLibrary }

type halfMoved struct {
	oldLibrary
	moved pb.Library
}
