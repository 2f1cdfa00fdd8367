// Package given completes the fragments of Go in docs/gateway.md.
package given

import (
	"context"
	"log/slog"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/gateway"
	squarepb "github.com/gohostrpc/gohost/testdata/squares"
)

var (
	server   *grpc.Server
	upstream *grpc.ClientConn
	creds    credentials.TransportCredentials
	tenantOf func(context.Context) (string, error)
)
