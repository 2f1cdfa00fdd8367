package generator

import (
	"google.golang.org/protobuf/compiler/protogen"
)

// The model is what the templates see: plain data, and comments that are
// finished, each either empty or whole lines.

type file struct {
	Header   string // comments above the first line of the .proto
	Source   string
	Doc      string // the comment of the package
	Package  protogen.GoPackageName
	Imports  []importSpec
	Names    fileNames
	Services []service
}

// fileNames are what stands in one file in front of an identifier of these
// packages: the name of the import and a dot.
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
	Deprecated string // behind the comments of what else is declared
	Methods    []method
}

// The kinds of RPC, as the functions of package stub are called.
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
	Streaming        bool   // it is a stream in gRPC's terms
	StreamsRequests  bool   // the client sends a stream
	StreamsResponses bool   // the server sends one
	Const            string // the Go name of the constant with FullName
	AlignedConst     string // with spaces up to the length of the longest of the service
	FullName         string
	HostConst        string // the Go name of the constant with Host
	AlignedHostConst string
	Host             string // its own; "" where it has that of the service
	Input            protogen.GoIdent
	Output           protogen.GoIdent
	StreamIndex      int // among the streaming methods of the service
	Detached         string
	Doc              string // in the interface
	StubDoc          string // at the stub's method
	Handler          string // the Go name of the function that grpc calls

	// As the file writes it.
	Request        string // the type of a request, without the asterisk
	Response       string // the same of a response
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
