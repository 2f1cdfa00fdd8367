// Package protocplugin has what all plugins of protoc share: how they start,
// and how they respond.
package protocplugin

import (
	"fmt"
	"io"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// MaximumEdition is the last supported edition of protobuf.
const MaximumEdition = descriptorpb.Edition_EDITION_2024

// answer reads a CodeGeneratorRequest from in, writes the response to out, and
// writes warnings, one per line, to warnings. Errors in a .proto or a parameter
// are in the response; the returned error is about an invalid request, or about
// reading and writing.
func (c Command) answer(in io.Reader, out, warnings io.Writer) error {
	b, err := io.ReadAll(in)
	if err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	req, err := Unmarshal(b)
	if err != nil {
		return fmt.Errorf("standard input does not contain a CodeGeneratorRequest (protoc and buf send one): %w", err)
	}
	b, err = proto.Marshal(c.Generate(req, warnings))
	if err != nil {
		return fmt.Errorf("marshal the response: %w", err)
	}
	if _, err := out.Write(b); err != nil {
		return fmt.Errorf("write the response: %w", err)
	}
	return nil
}

// Respond returns the response of the plugin called name: that of generate or,
// if generate fails, one with its error. Either states the supported features
// and editions, which protoc checks first.
func Respond(name string, generate func() (*pluginpb.CodeGeneratorResponse, error)) *pluginpb.CodeGeneratorResponse {
	res, err := recovering(name, generate)
	if err != nil {
		res = &pluginpb.CodeGeneratorResponse{Error: proto.String(err.Error())}
	}
	res.SupportedFeatures = proto.Uint64(uint64(pluginpb.CodeGeneratorResponse_FEATURE_PROTO3_OPTIONAL |
		pluginpb.CodeGeneratorResponse_FEATURE_SUPPORTS_EDITIONS))
	res.MinimumEdition = proto.Int32(int32(descriptorpb.Edition_EDITION_PROTO2))
	res.MaximumEdition = proto.Int32(int32(MaximumEdition))
	return res
}

// recovering calls generate. Packages that read a request panic on some
// requests that no compiler would send.
func recovering(name string, generate func() (*pluginpb.CodeGeneratorResponse, error)) (_ *pluginpb.CodeGeneratorResponse, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the request is broken, or %s is: %v", name, r)
		}
	}()
	return generate()
}
