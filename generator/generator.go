// Package generator is protoc-gen-gohost without its command: it makes Go files from a
// CodeGeneratorRequest.
//
//	res := generator.Generate(req, os.Stderr)
//
// The package has no compatibility promise: its API may change in any release. Use the
// plugin by its command line, cmd/protoc-gen-gohost.
//
// The steps are options → read → check → build → render. parameters.go reads the
// parameters into options, and protogen reads the files. check.go lists the checks, and
// each check is a file of that name. build.go makes a model of plain data for each file,
// with the hosts that package declared finds. render.go renders it with the templates of
// package templates. Errors of all steps are reported together.
//
// names.go alone decides what generated names look like. elements.go lists what else is
// declared in a Go package. imports.go and comment.go are used by all steps. The
// templates and imports.go write exactly what gofmt and protogen would, which tests
// check. So generating takes a third of the time.
package generator

import (
	"io"
	"slices"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/diag"
	"github.com/gohostrpc/gohost/internal/protocplugin"
)

// Name is the name of the plugin, as it stands in the header of its output.
const Name = "protoc-gen-gohost"

// Generate returns the response to req: the generated files or, if anything is wrong,
// all errors and no file. It depends only on req. It writes a line to warnings, with the
// position, for each thing that is allowed but may surprise.
func Generate(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) *pluginpb.CodeGeneratorResponse {
	return protocplugin.Respond(Name, func() (*pluginpb.CodeGeneratorResponse, error) { return generate(req, warnings) })
}

// generate runs the steps that the package comment describes.
func generate(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) (*pluginpb.CodeGeneratorResponse, error) {
	opts, err := parseOptions(req.GetParameter())
	if err != nil {
		return nil, diag.CleanError(err)
	}
	plugin, err := read(req, &opts)
	if err != nil {
		return nil, err
	}
	names, checkErr := check(plugin, opts, warnings)
	models, buildErr := buildAll(withServices(plugin), opts, warnings)
	if err := diag.InSourceOrder(checkErr, buildErr); err != nil {
		return nil, err
	}
	return renderAll(plugin, opts, names, models)
}

// read lets protogen read req, and lets opts read which files see gohost's
// options.
func read(req *pluginpb.CodeGeneratorRequest, opts *options) (*protogen.Plugin, error) {
	plugin, err := protogen.Options{ParamFunc: func(string, string) error { return nil }}.New(req)
	if err != nil {
		if errs := goPackageErrors(req, *opts); len(errs) > 0 {
			return nil, diag.InSourceOrder(errs...)
		}
		return nil, diag.CleanError(err)
	}
	opts.hosts.Read(req)
	return plugin, nil
}

// withServices returns the files to generate that have services.
func withServices(plugin *protogen.Plugin) []*protogen.File {
	return slices.DeleteFunc(slices.Clone(plugin.Files), func(f *protogen.File) bool {
		return !f.Generate || len(f.Services) == 0
	})
}
