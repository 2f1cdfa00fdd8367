// Package generator is protoc-gen-gohost without its command: it makes the Go
// files out of a CodeGeneratorRequest.
//
//	res := generator.Generate(req, os.Stderr)
//
// The package carries no compatibility promise: its API may change in any
// release. Use the plugin by its command line, cmd/protoc-gen-gohost.
//
// The way of a file is options → check → build → render: what protogen has read
// is checked and made into a model of plain data, and the templates of package
// templates write the model down. What a generated name looks like is decided
// in names.go alone, and how text of a .proto becomes a comment in comment.go.
package generator

import (
	"errors"
	"io"
	"slices"
	"strings"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/plugin"
	"github.com/gohostrpc/gohost/internal/source"
)

// Name is the name of the plugin, as it stands in the header of its output.
const Name = "protoc-gen-gohost"

// Generate returns the response to req: the generated files or, where anything
// is wrong, all errors and no file. It depends on req alone. What is allowed but
// may surprise is written to warnings, a line each, with its position.
func Generate(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) *pluginpb.CodeGeneratorResponse {
	return plugin.Respond(Name, func() (*pluginpb.CodeGeneratorResponse, error) { return generate(req, warnings) })
}

func generate(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) (*pluginpb.CodeGeneratorResponse, error) {
	opts, err := parseOptions(req.GetParameter())
	if err != nil {
		return nil, err
	}
	plugin, err := protogen.Options{ParamFunc: func(string, string) error { return nil }}.New(req)
	if err != nil {
		if errs := goPackageErrors(req, opts); len(errs) > 0 {
			return nil, source.InSourceOrder(errs...)
		}
		return nil, cleanError(err)
	}
	opts.hosts.Read(req)
	declared, err := checkNames(plugin, opts)
	warnLeftOut(plugin, opts, warnings)
	warnBesideGRPC(plugin, declared, warnings)
	models, buildErr := buildAll(withServices(plugin), opts, warnings)
	if err := source.InSourceOrder(err, checkFiles(plugin, opts), checkOptionsPackage(plugin, opts, req), buildErr); err != nil {
		return nil, err
	}
	return respond(plugin, opts, declared, models)
}

// cleanError returns an error of protobuf's as text that can be printed. Its
// spaces are of one kind or the other, at random.
func cleanError(err error) error {
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(err.Error(), "\u00a0", " ")) {
		b.WriteString(source.Clean(line) + "\n")
	}
	return errors.New(strings.TrimSpace(b.String()))
}

// withServices returns the files to generate.
func withServices(plugin *protogen.Plugin) []*protogen.File {
	return slices.DeleteFunc(slices.Clone(plugin.Files), func(f *protogen.File) bool {
		return !f.Generate || len(f.Services) == 0
	})
}
