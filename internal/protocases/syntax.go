package protocases

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// apiLevel returns a file of edition 2023 whose messages have that API level.
func apiLevel(level string) string {
	return `edition = "2023"; package p; import "google/protobuf/go_features.proto"; option features.(pb.go).api_level = ` + level + `;
		option go_package = "$GO";
		service Foo { rpc A(M) returns (M); rpc B(M) returns (stream M); rpc C(stream M) returns (M); rpc D(stream M) returns (stream M); }
		message M { oneof o { string s = 1; M m = 2; } string name = 3; }`
}

func syntax() []Case {
	return []Case{
		{
			Name: "proto2 with groups and extensions",
			Files: map[string]string{"a.proto": `syntax = "proto2"; package p; option go_package = "$GO";
				service Foo { rpc A(M) returns (stream M.Grp); rpc B(stream M.Grp) returns (M); }
				message M { optional group Grp = 1 { optional string x = 1 [default = "x"]; } extensions 100 to max; required int32 r = 2; }
				extend M { optional M m = 100; repeated group Ext = 101 { optional bytes b = 1; } }`},
			Beside: true,
		},
		{Name: "proto3 with optional", Files: one(rpcs("Foo", "A", "B", "C", "D") + "message M { optional string s = 1; optional M m = 2; }"), Beside: true},
		{Name: "edition 2023", Files: map[string]string{"a.proto": `edition = "2023"; package p; option go_package = "$GO"; service Foo { rpc A(M) returns (stream M); } message M { string s = 1 [features.field_presence = IMPLICIT]; M m = 2 [features.message_encoding = DELIMITED]; }`}, Beside: true},
		{Name: "edition 2024", Files: map[string]string{"a.proto": `edition = "2024"; package p; option go_package = "$GO"; service Foo { rpc A(M) returns (stream M); } message M { string s = 1; oneof o { M m = 2; } }`}, Beside: true},
		{
			Name: "an edition of the future", Files: one(rpcs("Foo", "A") + "message M {}"),
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[0].Syntax = proto.String("editions")
				req.ProtoFile[0].Edition = descriptorpb.Edition(9999).Enum()
			},
			Errors: []string{"edition"},
		},
		{
			Name: "an edition that protoc has only for tests", Files: one(rpcs("Foo", "A") + "message M {}"),
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[0].Syntax = proto.String("editions")
				req.ProtoFile[0].Edition = descriptorpb.Edition_EDITION_99999_TEST_ONLY.Enum()
			},
			Errors: []string{"edition"},
		},
		{Name: "a file with the open API", Files: map[string]string{"a.proto": apiLevel("API_OPEN")}, Beside: true},
		{Name: "a file with the hybrid API", Files: map[string]string{"a.proto": apiLevel("API_HYBRID")}, Beside: true},
		{Name: "a file with the opaque API", Files: map[string]string{"a.proto": apiLevel("API_OPAQUE")}, Beside: true},
		{Name: "default_api_level", Files: one(rpcs("Foo", "A", "B", "C", "D") + "message M { oneof o { string s = 1; } }"), Parameter: "default_api_level=API_OPAQUE", Beside: true},
		{
			Name:      "API levels per file, by parameters",
			Files:     map[string]string{"a.proto": proto3("$GO", "import \"b.proto\";\nservice Foo { rpc A(M) returns (stream N); }\nmessage M { oneof o { string s = 1; } }"), "b.proto": proto3("$GO", "message N { oneof o { string s = 1; } }")},
			Parameter: "apilevelMa.proto=API_OPAQUE,apilevelMb.proto=API_HYBRID", Beside: true,
		},
		{
			Name:   "a oneof's field whose type the opaque API does not export",
			Files:  map[string]string{"a.proto": `edition = "2024"; package p; option go_package = "$GO"; service Foo { rpc U(M) returns (M); } message M {} message Foo_U { oneof o { M method = 1; } }`},
			Beside: true,
		},
		{
			Name:  "a weak import",
			Files: map[string]string{"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Foo", "A")+"message M {}"), "b.proto": proto3("$GO/b", "message N {}")},
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[len(req.ProtoFile)-1].WeakDependency = []int32{0}
			},
			Generate: []string{"b.proto", "a.proto"},
		},
		{
			Name:  "an import that the request does not hold",
			Files: map[string]string{"a.proto": proto3("$GO", rpcs("Foo", "A")+"message M {}")},
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[0].Dependency = []string{"gone.proto"}
			},
			Errors: []string{`"gone.proto"`},
		},
		{
			Name:  "a type that is nowhere",
			Files: one(rpcs("Foo", "A") + "message M {}"),
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[0].Service[0].Method[0].InputType = proto.String(".p.None")
			},
			Errors: []string{`"p.None"`},
		},
		{
			Name:  "a type of a file that is not imported",
			Files: map[string]string{"a.proto": proto3("$GO", "import \"b.proto\";\n"+"service Foo { rpc A(N) returns (N); }"), "b.proto": proto3("$GO/b", "message N {}")},
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[len(req.ProtoFile)-1].Dependency = nil
			},
			Generate: []string{"b.proto", "a.proto"},
			Errors:   []string{`"p.N"`},
		},
		{
			Name:  "an enum as the type of a method",
			Files: one(rpcs("Foo", "A") + "message M {}\nenum E { Z = 0; }"),
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[0].Service[0].Method[0].OutputType = proto.String(".p.E")
			},
			Errors: []string{`"p.E"`},
		},
		{
			Name:  "the entry of a map as the type of a method",
			Files: one(rpcs("Foo", "A", "B") + "message M { map<string, M> to = 1; }"),
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				for _, m := range req.ProtoFile[0].Service[0].Method {
					m.InputType = proto.String(".p.M.ToEntry")
				}
			},
			Errors: []string{
				"a.proto:5:3: method p.Foo.A uses message p.M.ToEntry, the entry of field p.M.to (a.proto:8:13), for which there is no Go type",
				"a.proto:6:3: method p.Foo.B uses message p.M.ToEntry",
			},
		},
		{
			Name:  "a method without a type",
			Files: one(rpcs("Foo", "A") + "message M {}"),
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[0].Service[0].Method[0].OutputType = nil
			},
			Errors: []string{`a.proto`},
		},
		{
			Name:  "a name that is not an identifier",
			Files: one(rpcs("Foo", "A") + "message M {}"),
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[0].Service[0].Name = proto.String("Foo struct{}; func evil() {}")
			},
			Errors: []string{`"Foo struct{}; func evil() {}"`},
		},
	}
}
