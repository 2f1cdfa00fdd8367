// Package proxy is protoc-gen-gohost-proxy without its command: it makes the
// configuration of reverse proxies out of the hosts that a CodeGeneratorRequest
// declares.
//
//	res := proxy.Generate(req, os.Stderr)
//
// The package carries no compatibility promise: its API may change in any
// release. Use the plugin by its command line, cmd/protoc-gen-gohost-proxy.
//
// The way of a request is parameters → read → build → check → render, a file each.
// The parameters are read whole, with the templates of upstreams (upstreams.go);
// read finds out which hosts and upstreams the services have, build makes of it
// what a proxy does with each host, in terms that all proxies share, check asks
// whether the target can do that (target.go), and the templates in templates/proxy
// write it down.
//
// It stands below generator, with which it shares no code, since both are plugins:
// what both need is in internal/declared, internal/diag and internal/protocplugin.
package proxy

import (
	"io"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/internal/diag"
	"github.com/gohostrpc/gohost/internal/protocplugin"
)

// Name is the name of the plugin, as it stands in the header of its output.
const Name = "protoc-gen-gohost-proxy"

// Generate returns the response to req: a file for each target or, where
// anything is wrong, all errors and no file. It depends on req alone, and not on
// the order of its files. What is allowed but may surprise is written to
// warnings, a line each, with its position.
func Generate(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) *pluginpb.CodeGeneratorResponse {
	return protocplugin.Respond(Name, func() (*pluginpb.CodeGeneratorResponse, error) { return generate(req, warnings) })
}

func generate(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) (*pluginpb.CodeGeneratorResponse, error) {
	params, err := parseParameters(req.GetParameter())
	if err != nil {
		return nil, diag.CleanError(err)
	}
	// Not protogen: it wants a Go package of each file, and a proxy's user may have none.
	files, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: req.GetProtoFile()})
	if err != nil {
		return nil, err
	}
	params.hosts.Read(req)
	services, err := read(files, req.GetFileToGenerate(), params, warnings)
	if err != nil {
		return nil, err
	}
	if len(services) == 0 {
		return new(pluginpb.CodeGeneratorResponse), nil
	}
	config, err := build(services, params)
	if err != nil {
		return nil, err
	}
	var errs []error
	for _, t := range params.targets {
		errs = append(errs, checkTarget(t, config))
	}
	if err := diag.InSourceOrder(errs...); err != nil {
		return nil, err
	}
	res := new(pluginpb.CodeGeneratorResponse)
	for _, t := range params.targets {
		if t.warn != nil {
			t.warn(config, warnings)
		}
		text, err := render(t, config)
		if err != nil {
			return nil, err
		}
		res.File = append(res.File, &pluginpb.CodeGeneratorResponse_File{Name: proto.String(t.file), Content: proto.String(text)})
	}
	return res, nil
}
