package generator

import (
	"io"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/diag"
)

// besideGRPC is a name that protoc-gen-go-grpc would declare for one service
// and we declare for another.
type besideGRPC struct {
	of   protoreflect.Descriptor // the service that protoc-gen-go-grpc declares it for
	ours element
}

// warnBesideGRPC writes a warning for every two services if we give one a Go
// name that protoc-gen-go-grpc gives the other: FooServer and Foo, for example.
// Each plugin's output builds alone, so this is not an error, and a request
// does not say whether both plugins are in use.
//
// The other plugin has no parameter like package_suffix: if our names are in
// their own package, packages has nothing for the package of the messages.
func warnBesideGRPC(plugin *protogen.Plugin, packages scopes, warnings io.Writer) {
	files := byPath(plugin.Files)
	taken := make(map[protoreflect.Descriptor][]besideGRPC) // by the service or message with the name
	for _, f := range files {
		for _, s := range f.Services {
			for _, b := range takenFrom(s, packages[f.GoImportPath]) {
				service := serviceOf(b.ours.desc)
				if f.Generate || plugin.FilesByPath[service.ParentFile().Path()].Generate {
					taken[service] = append(taken[service], b)
				}
			}
		}
	}
	for _, f := range files {
		for _, s := range f.Services {
			for _, b := range taken[s.Desc] {
				diag.Warn(warnings, diag.Position(s.Desc), "%s %s: its Go name %s is one that protoc-gen-go-grpc declares for %s: to use both plugins, rename one of the services, or separate the stubs with the parameter package_suffix",
					diag.Kind(s.Desc), s.Desc.FullName(), b.ours.goName, diag.Describe(b.of))
			}
		}
	}
}

// takenFrom returns the names in the package declared that protoc-gen-go-grpc
// would declare for s and we declare for others: one name per other element.
func takenFrom(s *protogen.Service, declared scope) []besideGRPC {
	var taken []besideGRPC
	seen := make(map[protoreflect.Descriptor]bool)
	for _, name := range grpcNames(s) {
		e, ok := declared[name]
		if ok && !seen[serviceOf(e.desc)] {
			seen[serviceOf(e.desc)] = true
			taken = append(taken, besideGRPC{s.Desc, e})
		}
	}
	return taken
}

// serviceOf returns the service that d is or belongs to.
func serviceOf(d protoreflect.Descriptor) protoreflect.Descriptor {
	if m, ok := d.(protoreflect.MethodDescriptor); ok {
		return m.Parent()
	}
	return d
}

// grpcNames returns the names that protoc-gen-go-grpc declares for s, except
// names that we never declare, such as those that begin with "_".
func grpcNames(s *protogen.Service) []string {
	n := s.GoName
	names := []string{
		n + "Client", "New" + n + "Client", n + "Server", "Unimplemented" + n + "Server", "Unsafe" + n + "Server",
		"Register" + n + "Server", n + "_ServiceDesc", strings.ToLower(n[:1]) + n[1:] + "Client",
	}
	for _, m := range s.Methods {
		names = append(names, n+"_"+m.GoName+"_FullMethodName")
		if m.Desc.IsStreamingClient() || m.Desc.IsStreamingServer() {
			names = append(names, n+"_"+m.GoName+"Client", n+"_"+m.GoName+"Server")
		}
	}
	return names
}
