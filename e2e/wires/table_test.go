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

// works is what a cell says that does.
const works = "works"

// sometimes is what a cell says that works or has that error, by luck.
func sometimes(failure string) string { return "works, or " + failure }

// What wires cannot, and whose words it is.
const (
	noBidi     = "Unimplemented: /squarerpc_service.SquareService/streamrangeSquare is bidirectional, which HTTP/1.1 cannot be, and no other is spoken with URL"
	noBidiV2   = "Unimplemented: response from URL/squarerpc_service.SquareService/streamrangeSquare is HTTP/1.1: bidi streams require at least HTTP/2"
	noBidiHere = "Unimplemented: /squarerpc_service.SquareService/streamrangeSquare is bidirectional, which HTTP/1.1 cannot be: call it over HTTP/2"
	// These clients receive when they have sent, which is when the connection is closed.
	lostAnswer = "Internal: protocol error: incomplete envelope: read tcp CLIENT->ADDRESS: use of closed network connection"
)

// cells are what clients find by column: works, or the exact error. What is not in it
// is not asked.
type cells map[string]string

// all is a row without a fault.
func all() cells {
	c := make(cells)
	for _, name := range columns {
		c[name] = works
	}
	return c
}

// but returns the row with another outcome in a column.
func (c cells) but(column, outcome string) cells {
	c[column] = outcome
	return c
}

// without returns the row without columns.
func (c cells) without(columns ...string) cells {
	for _, name := range columns {
		delete(c, name)
	}
	return c
}

// row is a line of the table: a client that calls a server by a wire, with
// each codec and with TLS and without.
type row struct {
	server, client string
	protocol       string
	http           int // the major version
	cells          cells
}

// table is what is in docs/wires.md, cell by cell.
var table = []row{
	{"gohostconnect", goGRPC, grpcWire, 2, all()},
	{"gohostconnect", bridge, connectWire, 1, all().but(bidirectional, noBidi)},
	{"gohostconnect", bridge, connectWire, 2, all()},
	{"gohostconnect", bridge, webWire, 1, all().but(bidirectional, noBidi)},
	{"gohostconnect", bridge, webWire, 2, all()},
	{"gohostconnect", bridge, grpcWire, 1, all().but(bidirectional, noBidi)},
	{"gohostconnect", bridge, grpcWire, 2, all()},
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
	{"gohostconnect", curlClient, connectWire, 2, all()},
	{"gohostconnect", grpcurlTool, grpcWire, 2, all()},

	{"connect-go v2", bridge, connectWire, 1, all().but(bidirectional, noBidi)},
	{"connect-go v2", bridge, connectWire, 2, all()},
	{"connect-go v2", bridge, webWire, 1, all().but(bidirectional, noBidi)},
	{"connect-go v2", bridge, webWire, 2, all()},
	{"connect-go v2", bridge, grpcWire, 2, all()},
	{"grpc-go", bridge, grpcWire, 2, all()},
}
