// Package given completes the fragments of docs/interceptors.md.
package given

import (
	"context"

	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/auth"
	"github.com/grpc-ecosystem/go-grpc-middleware/v2/interceptors/retry"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"

	"github.com/gohostrpc/gohost/testdata/squares"
)

var (
	service squares.SquareServiceStub
	tokens  credentials.PerRPCCredentials
)

type userKey struct{}
