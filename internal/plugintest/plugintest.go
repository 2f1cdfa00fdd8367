// Package plugintest makes, in process, the requests that protoc and buf send
// to a plugin. It is for tests.
package plugintest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/gofeaturespb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/protocplugin"
	gohostv1 "github.com/gohostrpc/gohost/proto/gohost/v1"
)

// Request compiles files, which it looks up in the folders importPaths, and
// returns the request to generate them with the given parameter.
func Request(parameter string, importPaths []string, files ...string) (*pluginpb.CodeGeneratorRequest, error) {
	return compile(parameter, &protocompile.SourceResolver{ImportPaths: importPaths}, files)
}

// RequestFromSources is Request for files that are given by name and text.
func RequestFromSources(parameter string, sources map[string]string, files ...string) (*pluginpb.CodeGeneratorRequest, error) {
	return compile(parameter, &protocompile.SourceResolver{Accessor: protocompile.SourceAccessorFromMap(sources)}, files)
}

func compile(parameter string, resolver *protocompile.SourceResolver, files []string) (*pluginpb.CodeGeneratorRequest, error) {
	editions := &editions{resolver: resolver}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(protocompile.CompositeResolver{editions, protocompile.ResolverFunc(linkedIn)}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	linked, err := compiler.Compile(context.Background(), files...)
	if err != nil {
		return nil, err
	}
	req := &pluginpb.CodeGeneratorRequest{FileToGenerate: files}
	if parameter != "" {
		req.Parameter = proto.String(parameter)
	}
	seen := make(map[string]bool)
	for _, f := range linked {
		addFile(req, seen, f, editions)
	}
	// Marshal and unmarshal once, so that the plugin's types decode the
	// options, not the compiler's.
	b, err := proto.Marshal(req)
	if err != nil {
		return nil, err
	}
	return protocplugin.Unmarshal(b)
}

// linkedIn resolves the files whose Go packages are linked into this program.
func linkedIn(path string) (protocompile.SearchResult, error) {
	for _, f := range []protoreflect.FileDescriptor{gohostv1.File_gohost_v1_options_proto, gofeaturespb.File_google_protobuf_go_features_proto} {
		if f.Path() == path {
			return protocompile.SearchResult{Proto: protodesc.ToFileDescriptorProto(f)}, nil
		}
	}
	return protocompile.SearchResult{}, fs.ErrNotExist
}

// addFile adds f after its imports, like protoc.
func addFile(req *pluginpb.CodeGeneratorRequest, seen map[string]bool, f protoreflect.FileDescriptor, editions *editions) {
	if seen[f.Path()] {
		return
	}
	seen[f.Path()] = true
	for i := range f.Imports().Len() {
		addFile(req, seen, f.Imports().Get(i).FileDescriptor, editions)
	}
	desc := protodesc.ToFileDescriptorProto(f)
	if slices.Contains(editions.of2024, f.Path()) {
		desc.Edition = descriptorpb.Edition_EDITION_2024.Enum()
	}
	req.ProtoFile = append(req.ProtoFile, desc)
}

// editions resolves files of edition 2024, which protocompile v0.14.1 does not
// know, as files of edition 2023. The edition in the descriptor is corrected
// afterwards. Syntax that is new in 2024 is not supported.
type editions struct {
	resolver *protocompile.SourceResolver
	of2024   []string
}

func (e *editions) FindFileByPath(path string) (protocompile.SearchResult, error) {
	found, err := e.resolver.FindFileByPath(path)
	if err != nil || found.Source == nil {
		return found, err
	}
	text, err := io.ReadAll(found.Source)
	if c, ok := found.Source.(io.Closer); ok {
		err = errors.Join(err, c.Close())
	}
	if err != nil {
		return found, fmt.Errorf("%s: %w", path, err)
	}
	as2023 := bytes.Replace(text, []byte(`edition = "2024"`), []byte(`edition = "2023"`), 1)
	if !bytes.Equal(as2023, text) {
		e.of2024 = append(e.of2024, path)
	}
	found.Source = bytes.NewReader(as2023)
	return found, nil
}

// Reorder returns req with its files in another valid order: each file comes as
// late as possible.
func Reorder(req *pluginpb.CodeGeneratorRequest) *pluginpb.CodeGeneratorRequest {
	req = proto.CloneOf(req)
	placed := make(map[string]bool)
	byName := make(map[string]*descriptorpb.FileDescriptorProto)
	for _, f := range req.GetProtoFile() {
		byName[f.GetName()] = f
	}
	var files []*descriptorpb.FileDescriptorProto
	var place func(f *descriptorpb.FileDescriptorProto)
	place = func(f *descriptorpb.FileDescriptorProto) {
		if placed[f.GetName()] {
			return
		}
		placed[f.GetName()] = true
		for _, dep := range slices.Backward(f.GetDependency()) {
			place(byName[dep])
		}
		files = append(files, f)
	}
	for _, f := range slices.Backward(req.GetProtoFile()) {
		place(f)
	}
	req.ProtoFile = files
	slices.Reverse(req.FileToGenerate)
	return req
}

// Files returns the files of res by name, and its error.
func Files(res *pluginpb.CodeGeneratorResponse) (map[string]string, error) {
	if res.Error != nil {
		return nil, errors.New(res.GetError())
	}
	files := make(map[string]string)
	for _, f := range res.GetFile() {
		if _, twice := files[f.GetName()]; twice {
			return nil, fmt.Errorf("%s is generated twice", f.GetName())
		}
		files[f.GetName()] = f.GetContent()
	}
	return files, nil
}

// Join joins parameters, leaving out empty ones.
func Join(parameters ...string) string {
	return strings.Join(slices.DeleteFunc(parameters, func(s string) bool { return s == "" }), ",")
}
