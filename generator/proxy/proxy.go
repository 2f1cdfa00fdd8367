// Package proxy is protoc-gen-gohost-proxy without its command: it makes the
// configuration of reverse proxies from the hosts that a CodeGeneratorRequest
// declares.
//
//	res := proxy.Generate(req, os.Stderr)
//
// The package has no compatibility promise: its API may change in any release.
// Use the plugin by its command line, cmd/protoc-gen-gohost-proxy.
//
// The steps are parameters → read → build → check → render, one file each. The parameters
// include the templates of upstreams (upstreams.go). read finds out which hosts and
// upstreams the services have. build makes a model of what a proxy does with each host,
// in terms that all proxies share. check finds out whether the target can do that
// (target.go), and the templates in templates/proxy write it down.
//
// The package lies below generator, since both are plugins, but shares no code with it.
// What both need is in internal/declared, internal/diag and internal/protocplugin.
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

// Generate returns the response to req: a file for each target or, if anything
// is wrong, all errors and no file. It depends only on req, and not on the
// order of its files. It writes a line to warnings, with the position, for each
// thing that is allowed but may surprise.
func Generate(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) *pluginpb.CodeGeneratorResponse {
	return protocplugin.Respond(Name, func() (*pluginpb.CodeGeneratorResponse, error) { return generate(req, warnings) })
}

func generate(req *pluginpb.CodeGeneratorRequest, warnings io.Writer) (*pluginpb.CodeGeneratorResponse, error) {
	params, err := parseParameters(req.GetParameter())
	if err != nil {
		return nil, diag.CleanError(err)
	}
	// Not protogen, which requires a Go package for each file: users of a proxy may have
	// none.
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
