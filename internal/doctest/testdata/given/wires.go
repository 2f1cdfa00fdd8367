// Package given completes the fragments of docs/wires.md.
package given

import (
	"context"
	"net"
	"net/http"
	"time"

	connect "connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/gohostconnect"
	pb "github.com/gohostrpc/gohost/testdata/squares"
)

var (
	ctx       context.Context
	addr      string
	listener  net.Listener
	client    *http.Client
	protocols *http.Protocols
	server    *connect.Server
	registrar *gohostconnect.Registrar
	impl      pb.SquareService
)

var (
	_ = time.Second
	_ connecthttp.Option
	_ drain.Options
)
