// Package linked generates stubs for services whose descriptors are linked in: those of
// other Go modules whose .proto files are not available.
package linked

import (
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/pluginpb"
)

// Request returns a request to generate files, with their imports. Its parameter has
// the given parameters, and the known Go packages of the files.
func Request(tb testing.TB, parameters string, files ...protoreflect.FileDescriptor) *pluginpb.CodeGeneratorRequest {
	tb.Helper()
	req := new(pluginpb.CodeGeneratorRequest)
	all := []string{parameters}
	seen := make(map[string]bool)
	var add func(f protoreflect.FileDescriptor)
	add = func(f protoreflect.FileDescriptor) {
		if seen[f.Path()] {
			return
		}
		seen[f.Path()] = true
		desc := protodesc.ToFileDescriptorProto(f)
		for i := range f.Imports().Len() {
			imported := registered(tb, f.Imports().Get(i))
			desc.Dependency[i] = imported.Path()
			add(imported)
		}
		req.ProtoFile = append(req.ProtoFile, desc)
		if importPath := ImportPath(f); importPath != "" {
			all = append(all, "M"+f.Path()+"="+importPath)
		}
	}
	for _, f := range files {
		req.FileToGenerate = append(req.FileToGenerate, f.Path())
		add(f)
	}
	slices.Sort(req.FileToGenerate)
	req.Parameter = proto.String(strings.Join(all, ","))
	return req
}

// registered returns the imported file. etcd's files are registered under other paths
// than the imported ones.
func registered(tb testing.TB, imported protoreflect.FileImport) protoreflect.FileDescriptor {
	tb.Helper()
	var found protoreflect.FileDescriptor = imported
	if imported.IsPlaceholder() {
		protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
			if strings.HasSuffix(imported.Path(), "/"+f.Path()) {
				found = f
			}
			return true
		})
	}
	if found.IsPlaceholder() {
		tb.Fatalf("%s is not linked in", imported.Path())
	}
	return found
}

// ImportPath returns the Go package of f that is linked in, which may differ from the
// go_package of f. It is empty if unknown.
func ImportPath(f protoreflect.FileDescriptor) string {
	if f.Messages().Len() > 0 {
		message, err := protoregistry.GlobalTypes.FindMessageByName(f.Messages().Get(0).FullName())
		if err == nil {
			return reflect.TypeOf(message.Zero().Interface()).Elem().PkgPath()
		}
	}
	importPath, _, _ := strings.Cut(f.Options().(interface{ GetGoPackage() string }).GetGoPackage(), ";")
	if importPath == "" {
		return ""
	}
	return path.Clean(importPath)
}
