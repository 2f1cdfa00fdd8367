package contract

// wires are the columns of the table: the value of GOHOST_WIRE, and the title.
var wires = []struct{ name, title string }{
	{"inprocess", "in process"},
	{"connect-http1", "Connect, HTTP/1.1"},
	{"connect-http2", "Connect, HTTP/2"},
	{"grpc", "gRPC"},
	{"grpcweb-http1", "gRPC-Web, HTTP/1.1"},
	{"grpcweb-http2", "gRPC-Web, HTTP/2"},
}

// Groups of wires that differ together.
var (
	http1  = []string{"connect-http1", "grpcweb-http1"}
	http2  = []string{"connect-http2", "grpc", "grpcweb-http2"}
	onHTTP = append(append([]string(nil), http1...), http2...)
	local  = []string{"inprocess"}
	every  = append(append([]string(nil), local...), onHTTP...)
)

// promises are the rows of the table: the text, and the files of package stub whose
// tests check the promise.
var promises = []struct {
	title string
	files []string
}{
	{"Leaving a loop ends the call and its handler, before the next statement", []string{"leave", "bounds"}},
	{"The end of a call does not wait for its producer; what has arrived wins", []string{"end"}},
	{"A producer's error, panic or exit cancels the call and reaches the caller", []string{"producer"}},
	{"Requests are one stream: a second loop continues where the first was left", []string{"requests"}},
	{"A handler's sequence ends with one status; after the end yield is false", []string{"yield", "unwind", "context"}},
	{"A silent client ends its stream (`RequestsWithin`)", []string{"requestswithin"}},
	{"A silent server ends its stream (`Within`)", []string{"within"}},
	{"Received messages are new, and sent messages belong to the sender again", []string{"messages", "sent", "merging"}},
	{"Options, headers and trailers", []string{"options", "onheader"}},
	{"Interceptors see everything once", []string{"around"}},
	{"Gateways: a stub is an implementation", []string{"gateway"}},
	{"Conversations and channels", []string{"conversation", "chan"}},
	{"Limits, deadlines, lost connections, servers that stop", []string{"transport"}},
	{"Random calls", []string{"fuzz"}},
}
