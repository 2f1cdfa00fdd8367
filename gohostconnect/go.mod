module github.com/gohostrpc/gohost/gohostconnect

go 1.26.0

replace github.com/gohostrpc/gohost => ../

require (
	connectrpc.com/connect/v2 v2.0.2
	github.com/gohostrpc/gohost v0.1.0 // the release that it is tagged with
	go.uber.org/goleak v1.3.0
	google.golang.org/grpc v1.79.3
	google.golang.org/protobuf v1.36.11
)

require (
	golang.org/x/net v0.48.0 // indirect
	golang.org/x/sys v0.39.0 // indirect
	golang.org/x/text v0.32.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20251202230838-ff82c1b0f217 // indirect
)
