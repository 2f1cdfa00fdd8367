module github.com/gohostrpc/gohost/examples/browser

go 1.26.0

replace (
	github.com/gohostrpc/gohost => ../..
	github.com/gohostrpc/gohost/gohostconnect => ../../gohostconnect
)

require (
	connectrpc.com/connect/v2 v2.0.2
	connectrpc.com/cors v0.1.0
	github.com/gohostrpc/gohost v0.1.0
	github.com/gohostrpc/gohost/gohostconnect v0.0.0-00010101000000-000000000000
	github.com/rs/cors v1.11.1
	google.golang.org/grpc v1.85.0
)

require (
	golang.org/x/net v0.60.0 // indirect
	golang.org/x/sys v0.48.0 // indirect
	golang.org/x/text v0.42.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260817212433-ac3dfec99bb1 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
)
