// Package given completes the fragments of docs/faq.md.
package given

import (
	"context"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost"
	rest "github.com/gohostrpc/gohost/e2e/grpcgateway/migrating"
	pb "github.com/gohostrpc/gohost/testdata/migrating"
)

var (
	ctx  context.Context
	conn *grpc.ClientConn
	mux  *runtime.ServeMux
)
