// Package given completes the fragments of docs/serving.md.
package given

import (
	"context"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/testdata/squares"
)

var (
	ctx      context.Context
	checks   *health.Server
	listener net.Listener
	server   *grpc.Server
)

type squareServer struct {
	squares.UnimplementedSquareService
}
