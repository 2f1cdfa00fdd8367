package generator

import (
	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/types/pluginpb"
)

// Output lists what a generated file may hold.
type Output struct {
	ImportPath string
	Declares   map[string]bool // at the top level
}

// Outputs returns the Output of each generated file for req, in order.
func Outputs(req *pluginpb.CodeGeneratorRequest) ([]Output, error) {
	opts, err := parseOptions(req.GetParameter())
	if err != nil {
		return nil, err
	}
	plugin, err := protogen.Options{ParamFunc: func(string, string) error { return nil }}.New(req)
	if err != nil {
		return nil, err
	}
	opts.hosts.Read(req)
	var outputs []Output
	for _, f := range withServices(plugin) {
		_, importPath, _ := opts.output(f)
		o := Output{string(importPath), map[string]bool{"_": true}}
		for _, s := range f.Services {
			for _, e := range serviceElements(s, opts) {
				o.Declares[e.goName] = true
			}
		}
		outputs = append(outputs, o)
	}
	return outputs, nil
}

var InParallel = inParallel

var GRPCNames = grpcNames

// ImportNames returns the names of importElements.
func ImportNames(plugin *protogen.Plugin, f *protogen.File) map[string]bool {
	names := make(map[string]bool)
	for _, e := range importElements(plugin, f) {
		names[e.goName] = true
	}
	return names
}
