package wires

// The columns of the table.
const (
	unary         = "unary"
	serverStream  = "server streaming"
	clientStream  = "client streaming"
	bidirectional = "bidirectional"
	headerTrailer = "metadata"
	errorDetails  = "error with details"
	deadline      = "deadline"
	leaving       = "leaving"
	earlyAnswer   = "early answer"
	hostOfTheCall = "host"
)

var columns = []string{unary, serverStream, clientStream, bidirectional, headerTrailer, errorDetails, deadline, leaving, earlyAnswer, hostOfTheCall}

// works is the text of a cell that works.
const works = "works"

// sometimes is the text of a cell that either works or has that error.
func sometimes(failure string) string { return "works, or " + failure }

// The errors of wires that do not support a call.
const (
	noBidi       = "Unimplemented: /squarerpc_service.SquareService/streamrangeSquare is bidirectional, which needs HTTP/2, and only HTTP/1.1 is spoken with URL"
	noReflection = "Unimplemented: /grpc.reflection.v1.ServerReflection/ServerReflectionInfo is bidirectional, which needs HTTP/2, and only HTTP/1.1 is spoken with URL"
	noBidiV2     = "Unimplemented: response from URL/squarerpc_service.SquareService/streamrangeSquare is HTTP/1.1: bidi streams require at least HTTP/2"
	noBidiHere   = "Unimplemented: /squarerpc_service.SquareService/streamrangeSquare is bidirectional, which HTTP/1.1 does not support: call it over HTTP/2"
	// curl 7.88 reports an error when a server ends a request by RST_STREAM with
	// NO_ERROR, in one of two ways.
	curlReset92 = "Unknown: curl: (92) Stream error in the HTTP/2 framing layer"
	curlReset52 = "Unknown: curl: (52) Empty reply from server"
	curlReset   = curlReset92 + ", or (52) Empty reply from server"
	// These clients receive after they have sent, when the connection is already
	// closed.
	lostAnswer = "Internal: protocol error: incomplete envelope: read tcp CLIENT->ADDRESS: use of closed network connection"
)

// cells are the outcomes for clients by column: works, or the exact error. Missing
// columns are not tested.
type cells map[string]string

// all is a row in which everything works.
func all() cells {
	c := make(cells)
	for _, name := range columns {
		c[name] = works
	}
	return c
}

// some is a row of health and reflection.
func some() cells { return cells{unary: works, serverStream: works, bidirectional: works} }

// but returns the row with another outcome in a column.
func (c cells) but(column, outcome string) cells {
	c[column] = outcome
	return c
}

// without returns the row without some columns.
func (c cells) without(columns ...string) cells {
	for _, name := range columns {
		delete(c, name)
	}
	return c
}

// row is a row of the table: a client that calls a server over a wire, with each codec,
// with and without TLS.
type row struct {
	server, client string // or a proxy in front of gohostconnect
	protocol       string
	http           int // the major version
	cells          cells
}

// table is the table in docs/wires-tested.md.
var table = []row{
	{"gohostconnect", goGRPC, grpcWire, 2, all()},
	{"gohostconnect", theirGRPC, grpcWire, 2, some()},
	{"gohostconnect", bridge, connectWire, 1, all().but(bidirectional, noBidi)},
	{"gohostconnect", bridge, connectWire, 2, all()},
	{"gohostconnect", bridge, webWire, 1, all().but(bidirectional, noBidi)},
	{"gohostconnect", bridge, webWire, 2, all()},
	{"gohostconnect", bridge, grpcWire, 1, all().but(bidirectional, noBidi)},
	{"gohostconnect", bridge, grpcWire, 2, all()},
	{"gohostconnect", theirBridge, connectWire, 1, some().but(bidirectional, noReflection)},
	{"gohostconnect", theirBridge, connectWire, 2, some()},
	{"gohostconnect", theirBridge, webWire, 1, some().but(bidirectional, noReflection)},
	{"gohostconnect", theirBridge, webWire, 2, some()},
	{"gohostconnect", theirBridge, grpcWire, 2, some()},
	{"gohostconnect", goConnectV2, connectWire, 1, all().but(bidirectional, noBidiV2).but(earlyAnswer, sometimes(lostAnswer))},
	{"gohostconnect", goConnectV2, connectWire, 2, all()},
	{"gohostconnect", goConnectV2, webWire, 1, all().but(bidirectional, noBidiV2).but(earlyAnswer, sometimes(lostAnswer))},
	{"gohostconnect", goConnectV2, webWire, 2, all()},
	{"gohostconnect", goConnectV2, grpcWire, 2, all()},
	{"gohostconnect", goConnectV1, connectWire, 1, all().but(bidirectional, noBidiV2).but(earlyAnswer, sometimes(lostAnswer))},
	{"gohostconnect", goConnectV1, connectWire, 2, all()},
	{"gohostconnect", goConnectV1, webWire, 1, all().but(bidirectional, noBidiV2).but(earlyAnswer, sometimes(lostAnswer))},
	{"gohostconnect", goConnectV1, webWire, 2, all()},
	{"gohostconnect", goConnectV1, grpcWire, 2, all()},
	{"gohostconnect", curlClient, connectWire, 1, all().but(bidirectional, noBidiHere)},
	{"gohostconnect", curlClient, connectWire, 2, all().but(earlyAnswer, sometimes(curlReset))},
	{"gohostconnect", grpcurlTool, grpcWire, 2, all()},
	{"gohostconnect", pythonSync, grpcWire, 2, all()},
	{"gohostconnect", pythonAsync, grpcWire, 2, all()},

	{"connect-go v2", bridge, connectWire, 1, all().but(bidirectional, noBidi)},
	{"connect-go v2", bridge, connectWire, 2, all()},
	{"connect-go v2", bridge, webWire, 1, all().but(bidirectional, noBidi)},
	{"connect-go v2", bridge, webWire, 2, all()},
	{"connect-go v2", bridge, grpcWire, 2, all()},
	{"grpc-go", bridge, grpcWire, 2, all()},

	// Behind a proxy, early answers depend on timing.
	{"nginx", goGRPC, grpcWire, 2, all().without(earlyAnswer)},
	{"nginx", bridge, connectWire, 1, all().without(earlyAnswer).but(bidirectional, noBidi)},
	{"nginx", bridge, connectWire, 2, all().without(earlyAnswer).but(bidirectional, noBidiHere)},
	{"nginx", bridge, webWire, 1, all().without(earlyAnswer).but(bidirectional, noBidi)},
	{"nginx", bridge, webWire, 2, all().without(earlyAnswer).but(bidirectional, noBidiHere)},
	{"nginx", bridge, grpcWire, 2, all().without(earlyAnswer)},
	{"nginx", curlClient, connectWire, 1, all().without(earlyAnswer, bidirectional)},
	{"nginx", curlClient, connectWire, 2, all().without(earlyAnswer, bidirectional)},

	{"HAProxy", goGRPC, grpcWire, 2, all().without(earlyAnswer)},
	{"HAProxy", bridge, connectWire, 1, all().without(earlyAnswer).but(bidirectional, noBidi)},
	{"HAProxy", bridge, connectWire, 2, all().without(earlyAnswer)},
	{"HAProxy", bridge, webWire, 1, all().without(earlyAnswer).but(bidirectional, noBidi)},
	{"HAProxy", bridge, webWire, 2, all().without(earlyAnswer)},
	{"HAProxy", bridge, grpcWire, 2, all().without(earlyAnswer)},
	{"HAProxy", curlClient, connectWire, 1, all().without(earlyAnswer, bidirectional)},
	{"HAProxy", curlClient, connectWire, 2, all().without(earlyAnswer, bidirectional)},

	{"Caddy", goGRPC, grpcWire, 2, all().without(earlyAnswer)},
	{"Caddy", bridge, connectWire, 1, all().without(earlyAnswer).but(bidirectional, noBidi)},
	{"Caddy", bridge, connectWire, 2, all().without(earlyAnswer)},
	{"Caddy", bridge, webWire, 1, all().without(earlyAnswer).but(bidirectional, noBidi)},
	{"Caddy", bridge, webWire, 2, all().without(earlyAnswer)},
	{"Caddy", bridge, grpcWire, 2, all().without(earlyAnswer)},
	{"Caddy", curlClient, connectWire, 1, all().without(earlyAnswer, bidirectional)},
	{"Caddy", curlClient, connectWire, 2, all().without(earlyAnswer, bidirectional)},

	{"Traefik", goGRPC, grpcWire, 2, all().without(earlyAnswer)},
	{"Traefik", bridge, connectWire, 1, all().without(earlyAnswer).but(bidirectional, noBidi)},
	{"Traefik", bridge, connectWire, 2, all().without(earlyAnswer)},
	{"Traefik", bridge, webWire, 1, all().without(earlyAnswer).but(bidirectional, noBidi)},
	{"Traefik", bridge, webWire, 2, all().without(earlyAnswer)},
	{"Traefik", bridge, grpcWire, 2, all().without(earlyAnswer)},
	{"Traefik", curlClient, connectWire, 1, all().without(earlyAnswer, bidirectional)},
	{"Traefik", curlClient, connectWire, 2, all().without(earlyAnswer, bidirectional)},
}
