package generator

import (
	"unicode/utf8"

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
	Services []service
}

type importSpec struct {
	Name string
	Path protogen.GoImportPath
}

type service struct {
	serviceNames
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
	Location    protogen.Location // in the .proto
	GoName      string
	Name        string // in protobuf
	Kind        string
	Const       string // the Go name of the constant with FullName
	FullName    string
	HostConst   string // the Go name of the constant with Host
	Host        string // its own; "" where it has that of the service
	Input       protogen.GoIdent
	Output      protogen.GoIdent
	StreamIndex int // among the streaming methods of the service
	Detached    string
	Doc         string // in the interface
	Deprecated  string
}

// Streaming tells whether the method is a stream in gRPC's terms.
func (m method) Streaming() bool { return m.Kind != unary }

// StreamsRequests tells whether the client sends a stream.
func (m method) StreamsRequests() bool { return m.Kind == clientStreaming || m.Kind == bidiStreaming }

// StreamsResponses tells whether the server sends a stream.
func (m method) StreamsResponses() bool { return m.Kind == serverStreaming || m.Kind == bidiStreaming }

// StreamingMethods returns the methods that are streams in gRPC's terms.
func (s service) StreamingMethods() []method {
	return s.methods(method.Streaming)
}

// UnaryMethods returns the other methods.
func (s service) UnaryMethods() []method {
	return s.methods(func(m method) bool { return !m.Streaming() })
}

// MethodsWithHost returns the methods that have a host of their own.
func (s service) MethodsWithHost() []method {
	return s.methods(func(m method) bool { return m.Host != "" })
}

// ConstWidth returns how wide the constants of the methods are: gofmt aligns
// what they are.
func (s service) ConstWidth() int { return width(s.Methods, func(m method) string { return m.Const }) }

// HostConstWidth returns that of the constants of the methods' hosts.
func (s service) HostConstWidth() int {
	return width(s.MethodsWithHost(), func(m method) string { return m.HostConst })
}

func width(methods []method, name func(method) string) int {
	width := 0
	for _, m := range methods {
		width = max(width, utf8.RuneCountInString(name(m)))
	}
	return width
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
