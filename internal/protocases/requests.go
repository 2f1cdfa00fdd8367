package protocases

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"
)

// spans returns a function that gives everything in a request that place.
func spans(line, column int32) func(*pluginpb.CodeGeneratorRequest) {
	return func(req *pluginpb.CodeGeneratorRequest) {
		for _, f := range req.GetProtoFile() {
			for _, l := range f.GetSourceCodeInfo().GetLocation() {
				l.Span = []int32{line, column, column + 1}
			}
		}
	}
}

func requests() []Case {
	small := one(rpcs("Foo", "A") + "message M {}")
	return []Case{
		{Name: "an empty request", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { proto.Reset(req) }},
		{Name: "nothing to generate", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { req.FileToGenerate = nil }},
		{Name: "a file to generate that is listed twice", Files: small, Generate: []string{"a.proto"}, Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.FileToGenerate = []string{"a.proto", "a.proto"}
		}, Beside: true},
		{Name: "a file that is in the request twice", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.ProtoFile = append(req.ProtoFile, proto.CloneOf(req.ProtoFile[0]))
		}, Beside: true},
		{Name: "a file to generate that is missing", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.FileToGenerate = []string{"b.proto"}
		}, Errors: []string{"b.proto"}},
		{Name: "a file without a name", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { req.ProtoFile[0].Name = nil }, Errors: []string{"a.proto"}},
		{Name: "an unknown parameter", Files: small, Parameter: "package_sufix=rpc", Errors: []string{`unknown parameter "package_sufix": allowed are package_suffix`}},
		{Name: "a parameter that is given twice, with one value", Files: small, Parameter: "package_suffix=rpc,package_suffix=rpc"},
		{Name: "a parameter that is given twice, with two values", Files: small, Parameter: "package_suffix=rpc,package_suffix=api", Errors: []string{`parameter package_suffix is both "rpc" and "api": remove one`}},
		{Name: "paths= that is given twice, with two values", Files: small, Parameter: "paths=import,paths=source_relative", Errors: []string{`parameter paths is both "import" and "source_relative": remove one`}},
		{Name: "M that is given twice, with two values", Files: small, Parameter: "Ma.proto=$GO/x,Mb.proto=$GO/x,Ma.proto=$GO/y", Errors: []string{
			`parameter Ma.proto is both "cases.example/r-m-that-is-given-twice-with-two-values/x" and "cases.example/r-m-that-is-given-twice-with-two-values/y": remove one`,
		}},
		{Name: "M that is given twice, with one value", Files: small, Parameter: "Ma.proto=$GO/x,Ma.proto=$GO/x"},
		{
			Name: "every mistake in a parameter, once each", Files: small,
			Parameter: "paths=x,bad_one=1,bad_two=2,bad_one=1,package_suffix=a-b,annotate_code=yes,host_template=,default_host=no,default_api_level=API,apilevelMa.proto=API,module=a,module=b",
			Errors: []string{
				"paths=x: allowed are import, source_relative", `unknown parameter "bad_one": allowed are`, `unknown parameter "bad_two"`, `package_suffix=a-b: "a-b" is not a Go identifier`,
				"annotate_code=yes: allowed are true, false", "host_template is empty", "default_host=no: allowed are", "default_api_level=API: allowed are API_OPEN, API_HYBRID, API_OPAQUE",
				"apilevelMa.proto=API: allowed are", `parameter module is both "a" and "b": remove one`,
			},
		},
		{Name: "control characters in a parameter", Files: small, Parameter: "default_host=\x1b[2J\x00no,package_suffix=\u202e", Errors: []string{"default_host=[2Jno: allowed are", `package_suffix=: "\u202e" is not a Go identifier`}},
		{Name: "empty parameters", Files: small, Parameter: ",,", Beside: true},
		{Name: "an empty package_suffix", Files: small, Parameter: "package_suffix=", Errors: []string{`package_suffix=: "" is not a Go identifier`}},
		{Name: "a package_suffix that is a path", Files: small, Parameter: "package_suffix=../x", Errors: []string{`"../x" is not a Go identifier`}},
		{Name: "no compiler version, as buf sends it", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { req.CompilerVersion = nil }, Beside: true},
		{Name: "a compiler version", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.CompilerVersion = &pluginpb.Version{Major: proto.Int32(99), Suffix: proto.String("\n")}
		}, Beside: true},
		{Name: "no source information", Files: small, Edit: func(req *pluginpb.CodeGeneratorRequest) { req.ProtoFile[0].SourceCodeInfo = nil }, Beside: true},
		{Name: "a clash without source information", Files: one(rpcs("Foo", "Get", "get") + "message M {}"), Edit: func(req *pluginpb.CodeGeneratorRequest) {
			req.ProtoFile[0].SourceCodeInfo = nil
		}, Errors: []string{"a.proto: method p.Foo.get (a.proto) and method p.Foo.Get (a.proto) both get the Go name Get"}},
		{
			Name: "negative lines", Files: one(rpcs("Foo", "Get", "get") + "message M {}"), Edit: spans(-4, 0),
			Errors: []string{"a.proto: method p.Foo.get (a.proto) and method p.Foo.Get (a.proto) both get the Go name Get"},
		},
		{
			Name: "negative columns", Files: one(rpcs("Foo", "Get", "get") + "message M {}"), Edit: spans(4, -1),
			Errors: []string{"a.proto: method p.Foo.get (a.proto) and method p.Foo.Get (a.proto) both get the Go name Get"},
		},
		{Name: "a go_package without dot and slash in a negative line", Files: goPackage("foo"), Edit: spans(-4, -6), Errors: []string{`a.proto: invalid Go import path "foo"`}},
	}
}
