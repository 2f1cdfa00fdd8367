package protocases

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"
)

// dependencies returns a service that uses a message of a Go package for each
// of names, in all kinds of method.
func dependencies(names ...string) map[string]string {
	files := make(map[string]string)
	var imports, methods strings.Builder
	for i, name := range names {
		file := fmt.Sprintf("dep%d.proto", i)
		files[file] = fmt.Sprintf("syntax = \"proto3\"; package d%d; option go_package = \"$GO/%s\"; message M {}", i, name)
		fmt.Fprintf(&imports, "import %q;\n", file)
		for kind, rpc := range kinds {
			rpc = strings.Replace(rpc, "M)", fmt.Sprintf("d%d.M)", i), 1+kind%2)
			fmt.Fprintf(&methods, rpc+"\n", fmt.Sprintf("U%dx%d", i, kind))
		}
	}
	files["a.proto"] = proto3("$GO", imports.String()+"service Foo {\n"+methods.String()+"}\nmessage M {}")
	return files
}

// renameService gives the service of files another name.
func renameService(name string, files map[string]string) map[string]string {
	files["a.proto"] = strings.ReplaceAll(files["a.proto"], "service Foo {", "service "+name+" {")
	return files
}

// rename returns a function that gives the first file of a request another
// name.
func rename(name string) func(*pluginpb.CodeGeneratorRequest) {
	return func(req *pluginpb.CodeGeneratorRequest) {
		req.FileToGenerate[0] = name
		req.ProtoFile[0].Name = proto.String(name)
	}
}

// named returns a single file with that name, whose service uses its own
// message.
func named(name string) map[string]string {
	return map[string]string{name: proto3("$GO", rpcs("Foo", "A", "B", "C", "D")+"message M {}")}
}

// importing returns a single file with that name, whose service uses the
// message of messages.proto in the same Go package.
func importing(name string) map[string]string {
	return map[string]string{
		name:             proto3("$GO", "import \"messages.proto\";\n"+rpcs("Foo", "A", "B", "C", "D")),
		"messages.proto": proto3("$GO", "message M {}"),
	}
}

// goPackage returns a single file with that go_package.
func goPackage(path string) map[string]string {
	return map[string]string{"a.proto": proto3(path, rpcs("Foo", "A", "B", "C", "D")+"message M {}")}
}

func packages() []Case {
	return []Case{
		{
			Name:  "dependencies called in, ctx, opts, srv, stream, stub, iter, err, c, req, reqs, yield, context, error, nil",
			Files: dependencies("in", "ctx", "opts", "srv", "stream", "stub", "iter", "err", "c", "req", "reqs", "yield", "context", "error", "nil"),
		},
		{
			Name:  "dependencies named like other parts of the generated code",
			Files: dependencies("s", "cc", "r", "impl", "ss", "dec", "interceptor", "grpc", "any", "new", "string", "true", "gohost", "type", "func", "x/stub", "x/y/stub", "grpc1", "_"),
		},
		{
			Name:   "two dependencies both called v1",
			Files:  dependencies("one/v1", "two/v1", "v11"),
			Beside: true,
		},
		{
			Name:  "dependencies named like the package's declarations",
			Files: dependencies("Foo", "FooStub", "bar", "NewFooStub"),
			Errors: []string{
				"a.proto:8:1: service p.Foo (a.proto:8:1) and the Go import of file dep0.proto both get the Go name Foo in Go package cases.example/p-dependencies-named-like-the-package-s-declarations: rename the service, give dep0.proto a go_package that ends in another name, or keep them apart by",
				"the FooStub of service p.Foo (a.proto:8:1) and the Go import of file dep1.proto both get the Go name FooStub",
				"the NewFooStub of service p.Foo (a.proto:8:1) and the Go import of file dep3.proto both get the Go name NewFooStub",
			},
		},
		{
			Name: "a dependency named like the package's declarations, with import public",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Foo", "A")),
				"b.proto": proto3("$GO/b", "import public \"c.proto\";"),
				"c.proto": proto3("$GO/FooStub", "message M {}"),
			},
			Errors: []string{"a.proto:5:1: the FooStub of service p.Foo (a.proto:5:1) and the Go import of file c.proto both get the Go name FooStub"},
		},
		{
			Name:  "two dependencies called Foo, and service Foo1: protoc-gen-go imports one as Foo1",
			Files: renameService("Foo1", dependencies("a/Foo", "b/Foo")),
			Errors: []string{
				"a.proto:6:1: service p.Foo1 (a.proto:6:1) and the Go import of file dep1.proto both get the Go name Foo1 in Go package",
			},
		},
		{
			Name:      "two dependencies called Foo, and service Foo1, by package_suffix",
			Files:     renameService("Foo1", dependencies("a/Foo", "b/Foo")),
			Parameter: "package_suffix=rpc",
		},
		{
			Name: "two dependencies called Foo, of another file of the package, and service Foo1",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import \"b.proto\";\nimport \"c.proto\";\nmessage N { b.M m = 1; oneof o { c.E e = 2; } }"),
				"b.proto": strings.ReplaceAll(proto3("$GO/b/Foo", "message M {}"), "package p", "package b"),
				"c.proto": strings.ReplaceAll(proto3("$GO/c/Foo", "enum E { A = 0; }"), "package p", "package c"),
				"d.proto": proto3("$GO", rpcs("Foo1", "A")+"message M {}"),
			},
			Errors: []string{"d.proto:4:1: service p.Foo1 (d.proto:4:1) and the Go import of file c.proto both get the Go name Foo1"},
		},
		{
			Name:   "dependencies called Foo, Foo and Foo1, and service Foo11",
			Files:  renameService("Foo11", dependencies("a/Foo", "b/Foo", "Foo1")),
			Errors: []string{"service p.Foo11 (a.proto:7:1) and the Go import of file dep2.proto both get the Go name Foo11"},
		},
		{
			Name:  "dependencies called Foo, Foo and Foo1, and service Foo2",
			Files: renameService("Foo2", dependencies("a/Foo", "b/Foo", "Foo1")),
		},
		{
			Name: "dependencies called Foo and FooStub that are imported, but not used, and service Foo",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import \"b.proto\";\nimport public \"c.proto\";\n"+rpcs("Foo", "A", "B", "C", "D")+"message M {}"),
				"b.proto": strings.ReplaceAll(proto3("$GO/Foo", "message M {}"), "package p", "package b"),
				"c.proto": strings.ReplaceAll(proto3("$GO/FooStub", ""), "package p", "package c"),
			},
			Beside: true,
		},
		{
			Name: "two files of one dependency called Foo, and service Foo1",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import \"b.proto\";\nimport \"c.proto\";\nservice Foo1 { rpc U(b.M) returns (stream b.N); }"),
				"b.proto": strings.ReplaceAll(proto3("$GO/Foo", "message M {}"), "package p", "package b"),
				"c.proto": strings.ReplaceAll(proto3("$GO/Foo", "message N {}"), "package p", "package b"),
			},
			Beside: true,
		},
		{
			Name: "a dependency called Foo that is imported publicly and not used, one for a nested message's field, one for the type of an extension, and service Foo2",
			Files: map[string]string{
				"a.proto": `syntax = "proto2"; package p; option go_package = "$GO"; import public "b.proto"; import "c.proto"; import "d.proto";
					message N { message P { optional c.M m = 1; } optional P p = 1; extensions 100 to 200; } extend N { optional d.M x = 100; }
					service Foo2 { rpc U(N) returns (N); }`,
				"b.proto": strings.ReplaceAll(proto3("$GO/b/Foo", "message B {}"), "package p", "package b"),
				"c.proto": strings.ReplaceAll(proto3("$GO/c/Foo", "message M {}"), "package p", "package c"),
				"d.proto": strings.ReplaceAll(proto3("$GO/d/Foo", "message M {}"), "package p", "package d"),
			},
			Errors: []string{"a.proto:3:41: service p.Foo2 (a.proto:3:41) and the Go import of file d.proto both get the Go name Foo2"},
		},
		{
			Name: "a dependency called Foo for the values of a map, one for an extension, and service Foo1",
			Files: map[string]string{
				"a.proto": `syntax = "proto2"; package p; option go_package = "$GO"; import "b.proto"; import "c.proto";
					message N { map<string, b.M> m = 1; message O { extend c.M { optional int32 x = 100; } } }
					service Foo1 { rpc U(N) returns (N); }`,
				"b.proto": strings.ReplaceAll(proto3("$GO/b/Foo", "message M {}"), "package p", "package b"),
				"c.proto": `syntax = "proto2"; package c; option go_package = "$GO/c/Foo"; message M { extensions 100 to 200; }`,
			},
			Errors: []string{"a.proto:3:41: service p.Foo1 (a.proto:3:41) and the Go import of file c.proto both get the Go name Foo1"},
		},
		{
			Name:      "dependencies named like declarations of the stubs' own package",
			Files:     dependencies("FooStub"),
			Parameter: "package_suffix=rpc",
		},
		{
			Name: "a message named like a service, in a package named like that of the stubs",
			Files: map[string]string{
				"a.proto": proto3("$GO/x", rpcs("Foo", "A")+"message M {}"),
				"b.proto": strings.ReplaceAll(proto3("$GO/x/xrpc", "message Foo {}"), "package p", "package q"),
			},
			Parameter: "package_suffix=rpc",
			Errors:    []string{"a.proto:4:1: service p.Foo (a.proto:4:1) and message q.Foo (b.proto:4:1) both get the Go name Foo in Go package cases.example/p-a-message-named-like-a-service-in-a-package-named-like-that-of-the-stubs/x/xrpc: rename one of them, or choose another package_suffix"},
		},
		{
			Name: "a dependency called init, with package_suffix",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Foo", "A", "B", "C", "D")),
				"b.proto": proto3("$GO/init", "message M {}"),
			},
			Parameter: "package_suffix=rpc",
			Alone:     "it imports a package as init",
		},
		{
			Name:   "a dependency called init",
			Files:  dependencies("init"),
			Errors: []string{"a.proto:6:1: method p.Foo.U0x0 uses message d0.M (dep0.proto:1:"},
		},
		{Name: "a go_package that ends in type", Files: goPackage("$GO/type"), Beside: true},
		{Name: "a go_package that ends in 1my-api.v2", Files: goPackage("$GO/1my-api.v2"), Beside: true},
		{Name: "the same with package_suffix", Files: goPackage("$GO/1my-api.v2"), Parameter: "package_suffix=rpc"},
		{Name: "dependencies called type and 1my-api.v2", Files: dependencies("type", "1my-api.v2"), Beside: true},
		{Name: "a go_package with a name after a semicolon", Files: goPackage("$GO;other"), Beside: true},
		{
			Name:   "no go_package and no M parameter",
			Files:  map[string]string{"a.proto": `syntax = "proto3"; service Foo { rpc U(M) returns (M); } message M {}`, "b.proto": `syntax = "proto3"; message N {}`},
			Errors: []string{"a.proto: no Go package: add option go_package", "b.proto: no Go package"},
		},
		{
			Name:      "no go_package, and an M parameter",
			Files:     map[string]string{"a.proto": `syntax = "proto3"; service Foo { rpc U(M) returns (M); } message M {}`},
			Parameter: "Ma.proto=$GO;foo", Beside: true,
		},
		{
			Name:   "a go_package without dot and slash",
			Files:  goPackage("foo"),
			Errors: []string{`a.proto:3:1: invalid Go import path "foo": it needs a "." or "/"`},
		},
		{
			Name: "several names for one Go package",
			Files: map[string]string{
				"a.proto": `syntax = "proto3"; option go_package = "$GO;a"; service Foo { rpc U(M) returns (M); } message M {}`,
				"b.proto": `syntax = "proto3"; option go_package = "$GO;b"; message N {}`,
				"c.proto": `syntax = "proto3"; option go_package = "$GO;c"; message O {}`,
			},
			Errors: []string{"b.proto:1:20: Go package cases.example/p-several-names-for-one-go-package is called b here and a in a.proto:1:20", "c.proto:1:20: "},
		},
		{
			Name:   "no proto package",
			Files:  map[string]string{"a.proto": `syntax = "proto3"; option go_package = "$GO"; service Foo { rpc U(M) returns (stream M); } message M {}`},
			Beside: true,
		},
		{
			Name: "import public",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Foo", "A", "B", "C", "D")),
				"b.proto": proto3("$GO/b", "import public \"c.proto\";"),
				"c.proto": proto3("$GO/c", "message M {}"),
			},
		},
		{
			Name: "import public of a message named like generated code",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import public \"b.proto\";\n"+rpcs("Foo", "A", "B", "C", "D")),
				"b.proto": proto3("$GO/b", "message M {}\nmessage FooStub {}"),
			},
			Errors: []string{"a.proto:5:1: the FooStub of service p.Foo (a.proto:5:1) and message p.FooStub (b.proto:5:1) both get the Go name FooStub"},
		},
		{
			Name:   "an import that is not used",
			Files:  map[string]string{"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Foo", "A")+"message M {}"), "b.proto": proto3("$GO/b", "message N {}")},
			Beside: true,
		},
		{Name: "api_windows.proto, with messages of another file", Files: importing("api_windows.proto")},
		{
			Name:   "api_windows.proto, with messages of its own",
			Files:  named("api_windows.proto"),
			Errors: []string{"api_windows.proto:5:3: method p.Foo.A uses message p.M (api_windows.proto:10:1), which Go ignores because of the file's name, api_windows.pb.go: rename api_windows.proto"},
		},
		{Name: "x_test.proto", Files: named("x_test.proto"), Beside: true},
		{Name: "x_linux_test.proto, with messages of another file", Files: importing("x_linux_test.proto")},
		{Name: "x_windows.v1.proto, with messages of another file", Files: importing("x_windows.v1.proto")},
		{
			Name:   "_x.proto, which begins with an underscore",
			Files:  named("_x.proto"),
			Errors: []string{"_x.proto: the output would be _x_gohost.pb.go, and Go ignores files with such names: rename the .proto"},
		},
		{
			Name:   ".x.proto, which begins with a dot",
			Files:  named(".x.proto"),
			Errors: []string{".x.proto: the output would be .x_gohost.pb.go, and Go ignores files with such names"},
		},
		{Name: "a file name with spaces", Files: named("my api file.proto"), Beside: true},
		{Name: "a file name with dashes", Files: named("my-api--file-.proto"), Beside: true},
		{
			Name: "a file name that begins with a dash", Files: named("-x.proto"),
			Errors: []string{`-x.proto: the output would be -x_gohost.pb.go, and the go command refuses files whose names do not begin with a letter or digit: rename the .proto`},
		},
		{Name: "a file name in upper case", Files: named("MYAPI.proto"), Beside: true},
		{Name: "a file name with a build constraint", Files: named("a +build ignore.proto"), NoVet: "protoc-gen-go writes the name into a comment"},
		{Name: "a file name in another script", Files: named("größe.proto"), Beside: true},
		{Name: "a file name with dots", Files: named("api.v1.x.proto"), Beside: true},
		{
			Name: "../x.proto, with paths=source_relative", Files: named("x.proto"), Edit: rename("../x.proto"), Parameter: "paths=source_relative",
			Errors: []string{`../x.proto: the output would be "../x_gohost.pb.go", which is not a path inside the output folder`},
		},
		{Name: "../x.proto, with paths=import", Files: named("x.proto"), Edit: rename("../x.proto"), Beside: true},
		{
			Name: "/x.proto, an absolute path, with paths=source_relative", Files: named("x.proto"), Edit: rename("/x.proto"), Parameter: "paths=source_relative",
			Errors: []string{`/x.proto: the output would be "/x_gohost.pb.go", which is not a path inside`},
		},
		{
			Name: "a go_package that leaves the output folder", Files: goPackage("../../x"),
			Errors: []string{`a.proto: the output would be "../../x/a_gohost.pb.go", which is not a path inside`},
		},
		{
			Name: "two files with one output",
			Files: map[string]string{
				"x/a.proto": proto3("$GO", rpcs("Foo", "A")+"message M {}"),
				"y/a.proto": strings.ReplaceAll(proto3("$GO", rpcs("Bar", "A")+"message M {}"), "package p", "package q"),
			},
			Errors: []string{"y/a.proto: the output would be cases.example/p-two-files-with-one-output/a_gohost.pb.go, which is also the output of x/a.proto: rename one of them"},
		},
		{
			Name: "module= together with paths=source_relative", Files: named("x.proto"), Parameter: "module=cases.example,paths=source_relative",
			Errors: []string{"module=cases.example has no effect with paths=source_relative: remove one of the two"},
		},
		{
			Name: "module= that does not fit", Files: map[string]string{"x.proto": proto3("$GO/x", rpcs("Foo", "A")+"message M {}"), "y.proto": proto3("example.org/y", "service Bar {}")},
			Parameter: "module=cases.example/other",
			Errors: []string{
				"x.proto:3:1: the output would be cases.example/p-module-that-does-not-fit/x/x_gohost.pb.go, which is not below module=cases.example/other: change the go_package or the parameter",
				"y.proto:3:1: the output would be example.org/y/y_gohost.pb.go, which is not below module=cases.example/other",
			},
		},
		{
			Name: "module= that does not fit, with annotate_code", Files: named("x.proto"), Parameter: "annotate_code,module=cases.example/other",
			Errors: []string{"x.proto:3:1: the output would be cases.example/p-module-that-does-not-fit-with-annotate-code/x_gohost.pb.go, which is not below module=cases.example/other"},
		},
		{
			Name: "a go_package that ends in _x", Files: goPackage("$GO/_x"), Apart: true,
			Warnings: []string{`a.proto:3:1: warning: Go package cases.example/p-a-go-package-that-ends-in-x/_x is in a folder called _x, which the go command excludes from "./...": change the go_package`},
		},
		{
			Name: "a go_package with an element .x", Files: goPackage("$GO/.x/y"), Apart: true,
			Warnings: []string{`a.proto:3:1: warning: Go package cases.example/p-a-go-package-with-an-element-x/.x/y is in a folder called .x, which`},
		},
		{
			Name: "files in a folder _x, with paths=source_relative", Parameter: "paths=source_relative", Apart: true,
			Files: map[string]string{
				"_x/a.proto": proto3("$GO/_x", rpcs("Foo", "A")+"message M {}"),
				"_x/b.proto": proto3("$GO/_x", "import \"_x/a.proto\";\n"+rpcs("Bar", "A")),
			},
			Warnings: []string{"_x/a.proto:3:1: warning: Go package"},
		},
		{
			Name: "a file in a folder _x with another go_package, with paths=source_relative", Parameter: "paths=source_relative", Apart: true,
			Files:    map[string]string{"_x/a.proto": proto3("$GO/x", rpcs("Foo", "A")+"message M {}")},
			Warnings: []string{"_x/a.proto:3:1: warning: Go package cases.example/p-a-file-in-a-folder-x-with-another-go-package-with-paths-source-relative/x is in a folder called _x"},
		},
		{Name: "a go_package that ends in testdata/x, which go build ./... skips", Files: goPackage("$GO/testdata/x"), Apart: true, Warnings: []string{}},
		{
			Name: "a go_package that ends in vendor/x", Files: goPackage("$GO/vendor/x"),
			Errors: []string{"a.proto:3:1: the Go package would be cases.example/p-a-go-package-that-ends-in-vendor-x/vendor/x, and Go cannot import a package in a folder called vendor by that path: change the go_package"},
		},
		{Name: "a go_package that ends in vendor", Files: goPackage("$GO/vendor"), Beside: true, Warnings: []string{}},
		{
			Name:   "a message of a Go package that ends in vendor/x",
			Files:  map[string]string{"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Foo", "A")), "b.proto": proto3("$GO/vendor/x", "message M {}")},
			Errors: []string{`whose Go package "cases.example/p-a-message-of-a-go-package-that-ends-in-vendor-x/vendor/x" cannot be imported`},
		},
		{Name: "module=", Files: named("x.proto"), Parameter: "module=" + Module},
		{Name: "paths=source_relative", Files: map[string]string{"sub/folder/x.proto": proto3("$GO/sub/folder", rpcs("Foo", "A")+"message M {}")}, Parameter: "paths=source_relative"},
		{
			Name:      "package_suffix with messages in another module",
			Files:     map[string]string{"msgs/a.proto": proto3(Other+"/msgs", rpcs("Foo", "A", "B", "C", "D")+"message M {}")},
			Parameter: "package_suffix=rpc,paths=source_relative",
			Other:     true,
		},
		{
			Name: "a cycle of Go packages",
			Files: map[string]string{
				"a1.proto": proto3("$GO/a", "import \"b.proto\";\nimport \"a2.proto\";\n"+rpcs("Foo", "A")+"message N { M m = 1; }"),
				"b.proto":  proto3("$GO/b", "import \"a2.proto\";"),
				"a2.proto": proto3("$GO/a", "message M {}"),
			},
			Errors: []string{`a1.proto:4:1: Go packages must not import each other: "cases.example/p-a-cycle-of-go-packages/a" imports "cases.example/p-a-cycle-of-go-packages/b" for a1.proto:4:1, "cases.example/p-a-cycle-of-go-packages/b" imports "cases.example/p-a-cycle-of-go-packages/a" for b.proto:4:1`},
		},
		{
			Name:  "a cycle of .proto files",
			Files: map[string]string{"a.proto": proto3("$GO", rpcs("Foo", "A")+"message M {}"), "b.proto": strings.ReplaceAll(proto3("$GO", ""), "package p", "package q")},
			Edit: func(req *pluginpb.CodeGeneratorRequest) {
				req.ProtoFile[0].Dependency = []string{"b.proto"}
				req.ProtoFile[1].Dependency = []string{"a.proto"}
			},
			Errors: []string{`"b.proto"`},
		},
		{Name: "a go_package that cannot be imported, and is not", Files: goPackage("./a;api"), Parameter: "paths=source_relative", Warnings: []string{}},
		{
			Name:   "a message of a Go package that cannot be imported",
			Files:  map[string]string{"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Foo", "A")), "b.proto": proto3("./b", "message M {}")},
			Errors: []string{`a.proto:6:3: method p.Foo.A uses message p.M (b.proto:4:1), whose Go package "./b" cannot be imported: give b.proto another go_package`},
		},
		{
			Name:   "a message of a Go package called main",
			Files:  map[string]string{"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Foo", "A")), "b.proto": proto3("$GO/main", "message M {}")},
			Errors: []string{"whose Go package is called main, which cannot be imported"},
		},
	}
}
