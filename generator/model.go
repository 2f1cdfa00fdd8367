package generator

import (
	"google.golang.org/protobuf/compiler/protogen"
)

// The model is the input of the templates: plain data, and finished comments,
// each either empty or whole lines.

type file struct {
	Header   string // comments above the first line of the .proto
	Source   string
	Doc      string // the comment of the package
	Package  protogen.GoPackageName
	Imports  []importSpec
	Names    fileNames
	Services []service
}

// fileNames has the qualifiers for identifiers of these packages in one file:
// the name of the import and a dot.
type fileNames struct{ Context, Iter, GRPC, Stub string }

type importSpec struct {
	Name string
	Path protogen.GoImportPath
}

type service struct {
	serviceNames
	File       *fileNames
	Location   protogen.Location // in the .proto
	FullName   string
	Host       string
	Aliases    []string
	Source     string
	Detached   string
	Doc        string // of the interface
	Deprecated string // appended to the comments of the other declarations
	Methods    []method
}

// The kinds of RPC, named like the functions of package stub.
const (
	unary           = "Unary"
	serverStreaming = "ServerStreaming"
	clientStreaming = "ClientStreaming"
	bidiStreaming   = "BidiStreaming"
)

type method struct {
	Location         protogen.Location // in the .proto
	GoName           string
	Name             string // in protobuf
	Kind             string
	Streaming        bool   // a stream in gRPC's terms
	StreamsRequests  bool   // the client sends a stream
	StreamsResponses bool   // the server sends a stream
	Const            string // the Go name of the constant with FullName
	AlignedConst     string // padded to the length of the service's longest
	FullName         string
	HostConst        string // the Go name of the constant with Host
	AlignedHostConst string
	Host             string // its own; "" if it has that of the service
	Input            protogen.GoIdent
	Output           protogen.GoIdent
	StreamIndex      int // among the streaming methods of the service
	Detached         string
	Doc              string // in the interface
	StubDoc          string // of the stub's method
	Handler          string // the Go name of the function that grpc calls

	// In the syntax of the file.
	Request        string // the type of a request, without the asterisk
	Response       string // likewise
	Parameters     string
	ParameterTypes string
	Results        string
}

// StreamingMethods returns the methods that are streams in gRPC's terms.
func (s service) StreamingMethods() []method {
	return s.methods(func(m method) bool { return m.Streaming })
}

// UnaryMethods returns the other methods.
func (s service) UnaryMethods() []method {
	return s.methods(func(m method) bool { return !m.Streaming })
}

// MethodsWithHost returns the methods that have a host of their own.
func (s service) MethodsWithHost() []method {
	return s.methods(func(m method) bool { return m.Host != "" })
}

func (s service) methods(want func(method) bool) []method {
	var methods []method
	for _, m := range s.Methods {
		if want(m) {
			methods = append(methods, m)
		}
	}
	return methods
}
