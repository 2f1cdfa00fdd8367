// Package given completes the fragments of Go in docs/host-routing.md.
package given

import (
	"context"
	"log"
	rand "math/rand/v2"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/gateway"
	squarepb "github.com/gohostrpc/gohost/testdata/squares"
)

var (
	ctx      context.Context
	conn     *grpc.ClientConn
	server   *grpc.Server
	upstream *grpc.ClientConn
	service  squarepb.SquareServiceStub
	squares  squarepb.SquareService
	tenant   squarepb.SquareService
	req      *squarepb.Message
	name     string
)
