package protocases

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	gohostproto "github.com/gohostrpc/gohost/proto"
)

const ownOptions = gohostproto.Options

// published returns options.proto with some of its text replaced, in pairs.
func published(oldnew ...string) string {
	text, err := gohostproto.Files.ReadFile(ownOptions)
	replaced := strings.NewReplacer(oldnew...).Replace(string(text))
	if err != nil || len(oldnew) > 0 && replaced == string(text) {
		panic("options.proto has not got what is to be replaced") //nolint:forbidigo // the test itself is wrong
	}
	return replaced
}

// foreign returns a file whose service sets an option with number 81750 that
// b.proto declares, and a file that imports it and sets none.
func foreign(declaration, option string) map[string]string {
	return map[string]string{
		"a.proto": proto3("$GO", "import \"b.proto\";\nservice Foo { rpc A(M) returns (M); }\nmessage M { q.N n = 1; }"),
		"b.proto": "syntax = \"proto2\"; package q; import \"google/protobuf/descriptor.proto\"; option go_package = \"$GO/b\";\n" +
			declaration + "\n" + option + "\nmessage Meta { optional string owner = 1; } message N {}",
	}
}

// declaring returns a file that imports the options from path and sets one.
func declaring(path, option string) string {
	return proto3("$GO", "import \""+path+"\";\nservice Foo {\n  option "+option+";\n  rpc A(M) returns (M);\n}\nmessage M {}")
}

// leftOut returns a function that removes the file with that path from a
// request, like buf: a.proto imports it only for its options.
func leftOut(path string) func(*pluginpb.CodeGeneratorRequest) {
	return func(req *pluginpb.CodeGeneratorRequest) {
		req.ProtoFile = slices.DeleteFunc(req.GetProtoFile(), func(f *descriptorpb.FileDescriptorProto) bool { return f.GetName() == path })
		for _, f := range req.GetProtoFile() {
			if f.GetName() == "a.proto" {
				f.Dependency = slices.DeleteFunc(f.GetDependency(), func(d string) bool { return d == path })
				f.OptionDependency = []string{path}
				f.Syntax, f.Edition = nil, descriptorpb.Edition_EDITION_2024.Enum()
			}
		}
	}
}

func options() []Case {
	const goPackage = `"github.com/gohostrpc/gohost/proto/gohost/v1;gohostv1"`
	only := []string{"a.proto"}
	return []Case{
		{
			Name:   "a foreign option of a service with the number of ours",
			Files:  foreign("extend google.protobuf.ServiceOptions { optional Meta meta = 81750; }", `service Bar { option (meta).owner = "team-payments.corp"; rpc A(N) returns (N); }`),
			Beside: true,
		},
		{
			Name:   "the same, a string, only in a dependency",
			Files:  foreign("extend google.protobuf.ServiceOptions { optional string owner2 = 81750; }", `service Bar { option (owner2) = "team"; rpc A(N) returns (N); }`),
			Beside: true,
		},
		{
			Name:   "the same, a number",
			Files:  foreign("extend google.protobuf.ServiceOptions { optional int32 level = 81750; }", `service Bar { option (level) = 7; rpc A(N) returns (N); }`),
			Beside: true,
		},
		{
			Name:   "a foreign option of a method with the number of ours",
			Files:  foreign("extend google.protobuf.MethodOptions { optional Meta meta = 81750; }", `service Bar { rpc A(N) returns (N) { option (meta).owner = "team.corp"; } }`),
			Beside: true,
		},
		{
			Name:   "a foreign option of a file with the number of ours",
			Files:  foreign("extend google.protobuf.FileOptions { optional Meta meta = 81750; }", `option (meta).owner = "{service}.corp"; service Bar { rpc A(N) returns (N); }`),
			Beside: true,
		},
		{
			Name:   "a foreign option with the number of google.api.default_host",
			Files:  foreign("extend google.protobuf.ServiceOptions { optional string team = 1049; }", `service Bar { option (team) = "team.corp"; rpc A(N) returns (N); }`),
			Beside: true,
		},
		{
			Name:     "options.proto under another path",
			Files:    map[string]string{"a.proto": declaring("third_party/options.proto", `(gohost.v1.service).host = "a.example"`), "third_party/options.proto": published()},
			Generate: only, Beside: true,
		},
		{
			Name:     "options.proto imported only for its options, and omitted from the request, as by buf",
			Files:    map[string]string{"a.proto": declaring(ownOptions, `(gohost.v1.service).host = "a.example"`)},
			Generate: only, Edit: leftOut(ownOptions), Beside: true,
		},
		{
			Name:     "options.proto under another path, omitted from the request",
			Files:    map[string]string{"a.proto": declaring("third_party/gohost/v1/options.proto", `(gohost.v1.service).host = "a.example"`), "third_party/gohost/v1/options.proto": published()},
			Generate: only, Edit: leftOut("third_party/gohost/v1/options.proto"), Beside: true,
		},
		{
			Name: "a foreign option with the number of ours, omitted from the request", Generate: only, Edit: leftOut("b.proto"), Beside: true,
			Files: map[string]string{
				"a.proto": declaring("b.proto", `(q.meta).owner = "team.corp"`),
				"b.proto": foreign("extend google.protobuf.ServiceOptions { optional Meta meta = 81750; }", "")["b.proto"],
			},
		},
		{
			Name: "an option with the name of ours for other elements", Beside: true,
			Files: map[string]string{
				"a.proto": declaring("b.proto", `(gohost.v1.meta).owner = "team.corp"`),
				"b.proto": strings.Replace(foreign("extend google.protobuf.FieldOptions { optional Meta service = 81750; } extend google.protobuf.ServiceOptions { optional Meta meta = 81750; }", "")["b.proto"], "package q", "package gohost.v1", 1),
			},
		},
		{
			Name: "google.api.default_host that is not a string", Beside: true,
			Files: map[string]string{
				"a.proto": declaring("b.proto", `(google.api.default_host).owner = "team.corp"`),
				"b.proto": strings.Replace(foreign("extend google.protobuf.ServiceOptions { optional Meta default_host = 1049; }", "")["b.proto"], "package q", "package google.api", 1),
			},
		},
		{
			Name: "a newer options.proto", Generate: only, Beside: true,
			Files: map[string]string{
				"a.proto": declaring(ownOptions, `(gohost.v1.service) = {host: "a.example", require_tls: true}`),
				ownOptions: published("repeated string aliases = 2;", "repeated string aliases = 2; optional bool require_tls = 7;",
					"extend google.protobuf.ServiceOptions {", "extend google.protobuf.ServiceOptions { optional int32 retry = 81751;"),
			},
		},
		{
			Name: "a newer options.proto, omitted from the request", Generate: only, Edit: leftOut(ownOptions), Beside: true,
			Files: map[string]string{
				"a.proto":  declaring(ownOptions, `(gohost.v1.service) = {host: "a.example", require_tls: true}`),
				ownOptions: published("repeated string aliases = 2;", "repeated string aliases = 2; optional bool require_tls = 7;"),
			},
		},
		{
			Name: "a newer options.proto, whose field is set in a file", Generate: only, Beside: true,
			Files: map[string]string{
				"a.proto":  proto3("$GO", "import \"gohost/v1/options.proto\";\noption (gohost.v1.file).require_tls = true;\n"+rpcs("Foo", "A")+"message M {}"),
				ownOptions: published("optional string host_template = 1;", "optional string host_template = 1; optional bool require_tls = 7;"),
			},
		},
		{
			Name: "a newer options.proto, whose field is set in a method", Generate: only, Beside: true,
			Files: map[string]string{
				"a.proto":  proto3("$GO", "import \"gohost/v1/options.proto\";\nservice Foo {\n  rpc A(M) returns (stream M) { option (gohost.v1.method).require_tls = true; }\n}\nmessage M {}"),
				ownOptions: published("  // The host that calls of this method", "  optional bool require_tls = 7;\n  // The host that calls of this method"),
			},
		},
		{
			Name: "a newer options.proto with one more option", Generate: only, Beside: true,
			Files: map[string]string{
				"a.proto":  declaring(ownOptions, `(gohost.v1.retry) = 7`),
				ownOptions: published("extend google.protobuf.ServiceOptions {", "extend google.protobuf.ServiceOptions { optional int32 retry = 81751;"),
			},
		},
		{
			Name: "a newer options.proto with one more option of other elements, whose number is that of a foreign one", Generate: []string{"a.proto", "b.proto"}, Beside: true,
			Files: map[string]string{
				"a.proto":  proto3("$GO", "import \"b.proto\";\nimport \"gohost/v1/options.proto\";\nservice Foo {\n  option (q.meta).owner = \"team.corp\";\n  option (gohost.v1.service).host = \"a.example\";\n  rpc A(M) returns (M);\n}\nmessage M {}"),
				"b.proto":  foreign("extend google.protobuf.ServiceOptions { optional Meta meta = 81751; }", "")["b.proto"],
				ownOptions: published("extend google.protobuf.ServiceOptions {", "extend google.protobuf.MessageOptions { optional int32 weight = 81751; } extend google.protobuf.ServiceOptions {"),
			},
		},
		{
			Name: "an options.proto of the future with another number", Generate: only, Beside: true,
			Files: map[string]string{
				"a.proto":  declaring(ownOptions, `(gohost.v1.service).host = "a.example"`),
				ownOptions: published("81750", "1234"),
			},
		},
		{
			Name: "options.proto through another file", Beside: true,
			Files: map[string]string{
				"a.proto": declaring("b.proto", `(gohost.v1.service).host = "a.example"`),
				"b.proto": proto3("$GO/b", "import public \"gohost/v1/options.proto\";"),
			},
		},
		{
			Name: "google.api.default_host, omitted from the request, as by buf", Generate: only, Edit: leftOut("google/api/client.proto"), Beside: true,
			Files: map[string]string{
				"a.proto":                 declaring("google/api/client.proto", `(google.api.default_host) = "a.example"`),
				"google/api/client.proto": "syntax = \"proto3\"; package google.api; import \"google/protobuf/descriptor.proto\"; option go_package = \"$GO/api\"; extend google.protobuf.ServiceOptions { string default_host = 1049; }",
			},
		},
		{
			Name: "an options.proto whose option is a string", Generate: only,
			Files: map[string]string{
				"a.proto":  declaring(ownOptions, `(gohost.v1.service) = "a.example"`),
				ownOptions: published("optional ServiceOptions service", "optional string service"),
			},
			Errors: []string{`a.proto:6:3: service p.Foo: option (gohost.v1.service) cannot be read, since its bytes do not match this version of the plugin: replace gohost/v1/options.proto with the file that the plugin writes with --export-proto`},
		},
		{
			Name: "an options.proto whose host is a number", Generate: only,
			Files: map[string]string{
				"a.proto":  declaring(ownOptions, `(gohost.v1.service).host = 7`),
				ownOptions: published("optional string host", "optional int32 host"),
			},
			Errors: []string{`a.proto:6:3: service p.Foo: option (gohost.v1.service) cannot be read`},
		},
		{
			Name: "an options.proto whose template of a file is a number", Generate: only,
			Files: map[string]string{
				"a.proto":  proto3("$GO", "import \"gohost/v1/options.proto\";\noption (gohost.v1.file).host_template = 7;\n"+rpcs("Foo", "A")+"message M {}"),
				ownOptions: published("optional string host_template", "optional int32 host_template"),
			},
			Errors: []string{`a.proto:5:1: file a.proto: option (gohost.v1.file) cannot be read`},
		},
		{
			Name: "an options.proto whose host of a method is a number", Generate: only,
			Files: map[string]string{
				"a.proto":  proto3("$GO", "import \"gohost/v1/options.proto\";\nservice Foo {\n  rpc A(M) returns (stream M) { option (gohost.v1.method).host = 7; }\n}\nmessage M {}"),
				ownOptions: published("  // The host that calls of this method name, instead of the service's.\n  optional string host", "  optional int32 host"),
			},
			Errors: []string{`a.proto:6:33: method p.Foo.A: option (gohost.v1.method) cannot be read`},
		},
		{
			Name: "a host that is not UTF-8", Files: host(`"\xff\xfe"`),
			Errors: []string{`a.proto:6:3: service p.Foo: invalid host "\xff\xfe": it is not ASCII`},
		},
		{
			Name: "options.proto with another Go package, as of managed mode", Generate: []string{"a.proto", "c.proto"},
			Files: map[string]string{
				"a.proto":  declaring(ownOptions, `(gohost.v1.service).host = "a.example"`),
				"c.proto":  strings.NewReplacer("package p;", "package c;", "Foo", "Bar", "M)", "N)", "message M", "message N").Replace(declaring(ownOptions, `(gohost.v1.service).host = "c.example"`)),
				ownOptions: published(goPackage, `"example.com/user/gohost/v1;gohostv1"`),
			},
			Errors: []string{
				`gohost/v1/options.proto:13:1: the Go package of gohost's options is "example.com/user/gohost/v1" instead of "github.com/gohostrpc/gohost/proto/gohost/v1", and a program with both panics when it starts: replace the file by what the plugin writes with --export-proto or, if buf's managed mode has changed it, add to buf.gen.yaml:`,
				`managed:`,
				`  disable:`,
				`    - file_option: go_package`,
				`      path: gohost/v1`,
			},
		},
		{
			Name: "options.proto with another Go package, for a file that is not generated", Generate: []string{"a.proto", "c.proto"}, Beside: true,
			Files: map[string]string{
				"a.proto":  proto3("$GO", rpcs("Foo", "A")+"message M {}"),
				"c.proto":  strings.Replace(declaring(ownOptions, `(gohost.v1.service).host = "c.example"`), "package p;", "package c;", 1),
				ownOptions: published(goPackage, `"example.com/user/gohost/v1;gohostv1"`),
			},
			Edit: func(req *pluginpb.CodeGeneratorRequest) { req.FileToGenerate = only },
		},
		{
			Name: "options.proto with another Go package from an M parameter", Generate: only,
			Files:     map[string]string{"a.proto": declaring(ownOptions, `(gohost.v1.service).host = "a.example"`)},
			Parameter: "M" + ownOptions + "=example.com/user/gohost/v1",
			Errors:    []string{`a program with both panics when it starts: remove the parameter Mgohost/v1/options.proto`},
		},
		{
			Name: "options.proto with another Go package, corrected by an M parameter", Generate: only, Beside: true,
			Files: map[string]string{
				"a.proto":  declaring(ownOptions, `(gohost.v1.service).host = "a.example"`),
				ownOptions: published(goPackage, `"example.com/user/gohost/v1;gohostv1"`),
			},
			Parameter: "M" + ownOptions + "=github.com/gohostrpc/gohost/proto/gohost/v1;gohostv1",
		},
	}
}
