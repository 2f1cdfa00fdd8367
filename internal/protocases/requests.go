package protocases

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"
)

func requests() []Case {
	small := one(rpcs("Foo", "A") + "message M {}")
	return []Case{
		{Name: "an empty request", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { proto.Reset(req) }},
		{Name: "nothing to generate", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { req.FileToGenerate = nil }},
		{Name: "a file to generate that is listed twice", Files: small, Generate: []string{"a.proto"}, Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.FileToGenerate = []string{"a.proto", "a.proto"}
		}, Beside: true},
		{Name: "a file that is there twice", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.ProtoFile = append(req.ProtoFile, proto.CloneOf(req.ProtoFile[0]))
		}, Beside: true},
		{Name: "a file to generate that is not there", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.FileToGenerate = []string{"b.proto"}
		}, Errors: []string{"b.proto"}},
		{Name: "a file without a name", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { req.ProtoFile[0].Name = nil }, Errors: []string{"a.proto"}},
		{Name: "an unknown parameter", Files: small, Parameter: "package_sufix=rpc", Errors: []string{`unknown parameter "package_sufix": allowed are package_suffix`}},
		{Name: "a parameter that is given twice, with one value", Files: small, Parameter: "package_suffix=rpc,package_suffix=rpc"},
		{Name: "a parameter that is given twice, with two values", Files: small, Parameter: "package_suffix=rpc,package_suffix=api", Errors: []string{`parameter package_suffix is both "rpc" and "api": remove one`}},
		{Name: "empty parameters", Files: small, Parameter: ",,", Beside: true},
		{Name: "an empty package_suffix", Files: small, Parameter: "package_suffix=", Errors: []string{`package_suffix=: "" is no Go identifier`}},
		{Name: "a package_suffix that is a path", Files: small, Parameter: "package_suffix=../x", Errors: []string{`"../x" is no Go identifier`}},
		{Name: "no compiler version, as buf sends it", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { req.CompilerVersion = nil }, Beside: true},
		{Name: "a compiler version", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.CompilerVersion = &pluginpb.Version{Major: proto.Int32(99), Suffix: proto.String("\n")}
		}, Beside: true},
		{Name: "no source information", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { req.ProtoFile[0].SourceCodeInfo = nil }, Beside: true},
		{Name: "a clash without source information", Files: one(rpcs("Foo", "Get", "get") + "message M {}"), Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.ProtoFile[0].SourceCodeInfo = nil
		}, Errors: []string{"a.proto: method p.Foo.get (a.proto) and method p.Foo.Get (a.proto) both get the Go name Get"}},
	}
}
