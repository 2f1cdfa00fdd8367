package protocases

import (
	"fmt"
	"go/token"
	"go/types"
	"strings"
)

// The four kinds of streaming, in turn.
var kinds = []string{"rpc %s(M) returns (M);", "rpc %s(M) returns (stream M);", "rpc %s(stream M) returns (M);", "rpc %s(stream M) returns (stream M);"}

// rpcs returns a service with the given methods.
func rpcs(service string, methods ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "service %s {\n", service)
	for i, m := range methods {
		fmt.Fprintf(&b, "  "+kinds[i%len(kinds)]+"\n", m)
	}
	return b.String() + "}\n"
}

// capital returns s with its first letter in upper case.
func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// goWords returns the keywords and predeclared names of Go.
func goWords() (lower, upper []string) {
	for t := token.BREAK; t <= token.VAR; t++ {
		lower = append(lower, t.String())
	}
	seen := make(map[string]bool)
	lower = append(lower, types.Universe.Names()...)
	var all []string
	for _, name := range lower {
		if word := capital(name); !seen[word] {
			seen[word] = true
			all = append(all, name)
			upper = append(upper, word)
		}
	}
	return all, upper
}

func names() []Case {
	lower, upper := goWords()
	fooMessage := func(name, err string) Case {
		return Case{
			Name:   "service Foo with method U and message " + name,
			Files:  one(rpcs("Foo", "U") + "message M {}\nmessage " + name + " {}\n"),
			Errors: []string{err},
		}
	}
	cases := []Case{
		{
			Name:   "methods named like Go's keywords and predeclared names, in lower case",
			Files:  one(rpcs("Lower", lower...) + "message M {}"),
			Beside: true,
		},
		{
			Name:   "methods named like Go's keywords and predeclared names, in upper case",
			Files:  one(rpcs("Upper", upper...) + "message M {}"),
			Beside: true,
		},
		{
			Name:   "services and messages named like Go's keywords and predeclared names",
			Files:  one(keywordServices(lower) + "message M {}"),
			Beside: true,
		},
		{
			Name: "methods Context, Send, Recv, Header, Close, Invoke, String, Error and other names of gRPC",
			Files: one(rpcs("Names", "Context", "Send", "Recv", "Header", "Close", "Invoke", "String", "Error", "CloseSend", "CloseAndRecv",
				"Trailer", "SendMsg", "RecvMsg", "NewStream", "Stub", "Name", "Host", "Desc", "Method", "Reset", "ProtoMessage", "ProtoReflect") +
				rpcs("Others", "Error", "String", "Context", "GoString", "Unwrap", "Is", "As", "Service", "Interface", "Register", "Unimplemented") + "message M {}"),
			Beside: true,
		},
		{
			Name: "methods that go vet expects with another signature", Files: one(rpcs("Vet", "MarshalJSON", "ReadByte", "WriteByte") + "message M {}"),
			NoVet: "the methods of a service are what the .proto says", Beside: true,
		},
		{
			Name:   "methods With and WithCallOptions",
			Files:  one(rpcs("Foo", "With", "WithCallOptions", "with_call_options_call_options") + rpcs("Bar", "With") + "message M {}"),
			Beside: true,
		},
		{
			Name:   "a method named like its service",
			Files:  one(rpcs("Foo", "Foo", "FooStub", "UnimplementedFoo") + rpcs("foo_two", "foo_two", "FooTwoStub") + "message M {}"),
			Beside: true,
		},
		fooMessage("FooStub", "a.proto:4:1: the FooStub of service p.Foo (a.proto:4:1) and message p.FooStub (a.proto:8:1) both get the Go name FooStub"),
		fooMessage("UnimplementedFoo", "both get the Go name UnimplementedFoo in Go package"),
		fooMessage("NewFooStub", "both get the Go name NewFooStub in Go package"),
		fooMessage("RegisterFoo", "both get the Go name RegisterFoo in Go package"),
		fooMessage("FooName", "both get the Go name FooName in Go package"),
		fooMessage("FooHost", "both get the Go name FooHost in Go package"),
		fooMessage("FooHosts", "both get the Go name FooHosts in Go package"),
		fooMessage("FooDesc", "both get the Go name FooDesc in Go package"),
		fooMessage("Foo_U_Method", "a.proto:5:3: the constant of method p.Foo.U (a.proto:5:3) and message p.Foo_U_Method (a.proto:8:1) both get the Go name Foo_U_Method"),
		fooMessage("foo", "service p.Foo (a.proto:4:1) and message p.foo (a.proto:8:1) both get the Go name Foo in Go package"),
		{
			Name:   "a method with a host, and a message named like its constant",
			Files:  one("import \"gohost/v1/options.proto\";\nservice Foo { rpc U(M) returns (M) { option (gohost.v1.method).host = \"a.example\"; } }\nmessage M {}\nmessage Foo_U_Host {}"),
			Errors: []string{"both get the Go name Foo_U_Host in Go package"},
		},
		{
			Name:   "a method without a host, and a message named like the constant that it would have",
			Files:  one(rpcs("Foo", "U") + "message M {}\nmessage Foo_U_Host {}"),
			Beside: true,
		},
		{
			Name: "messages named like generated code, with package_suffix",
			Files: one(rpcs("Foo", "U") + `message M {} message FooStub {} message UnimplementedFoo {} message NewFooStub {} message RegisterFoo {}
				message FooName {} message FooHost {} message FooHosts {} message FooDesc {} message Foo_U_Method {} message foo {}`),
			Parameter: "package_suffix=rpc",
		},
		{
			Name: "messages named like code of protoc-gen-go-grpc",
			Files: one(rpcs("Foo", "U", "V") + `message M {} message FooClient {} message FooServer {} message NewFooClient {} message RegisterFooServer {}
				message UnimplementedFooServer {} message UnsafeFooServer {} message Foo_ServiceDesc {} message Foo_U_FullMethodName {} message Foo_VClient {} message Foo_VServer {}`),
			Warnings: []string{},
		},
		{
			Name:   "an enum value that becomes such a name",
			Files:  one(rpcs("Foo", "U") + "message M {}\nenum Foo_U { Method = 0; }"),
			Errors: []string{"the constant of method p.Foo.U (a.proto:5:3) and enum value p.Method (a.proto:8:14) both get the Go name Foo_U_Method"},
		},
		{
			Name:   "a nested enum value that becomes such a name",
			Files:  one(rpcs("Foo", "U") + "message M {}\nmessage Foo_U { enum E { Method = 0; } }"),
			Errors: []string{"and enum value p.Foo_U.Method (a.proto:8:26) both get the Go name Foo_U_Method"},
		},
		{
			Name:   "a oneof's field that becomes such a name",
			Files:  one(rpcs("Foo", "U") + "message M {}\nmessage Foo_U { oneof o { M method = 1; } }"),
			Errors: []string{"and field p.Foo_U.method (a.proto:8:27) both get the Go name Foo_U_Method"},
		},
		{
			Name: "a default, an extension and an enum value of proto2 that become such names",
			Files: map[string]string{"a.proto": `syntax = "proto2"; package p; option go_package = "$GO";
				message M { optional int32 stub = 1 [default = 1]; extensions 100 to 200; } extend M { optional int32 desc = 100; }
				enum Enum { Stub = 0; }
				service Default_M_ { rpc U(M) returns (M); }
				service E_ { rpc U(M) returns (M); }
				service Enum_ { rpc U(M) returns (M); }`},
			Errors: []string{"both get the Go name Default_M_Stub", "both get the Go name E_Desc", "both get the Go name Enum_Stub"},
		},
		{
			Name:   "a service named like the descriptor of a file",
			Files:  map[string]string{"A": proto3("$GO", rpcs("File_A", "U")+"message M {}")},
			Errors: []string{"A:4:1: service p.File_A (A:4:1) and file A both get the Go name File_A"},
		},
		{
			Name:   "services Foo and foo",
			Files:  one(rpcs("Foo", "U") + rpcs("foo", "V") + "message M {}"),
			Errors: []string{"a.proto:7:1: service p.foo (a.proto:7:1) and service p.Foo (a.proto:4:1) both get the Go name Foo in Go package"},
		},
		{
			Name:   "services FooBar and foo_bar",
			Files:  one(rpcs("FooBar", "U") + rpcs("foo_bar", "V") + "message M {}"),
			Errors: []string{"service p.foo_bar (a.proto:7:1) and service p.FooBar (a.proto:4:1) both get the Go name FooBar"},
		},
		{
			Name:   "methods FooBar and foo_bar",
			Files:  one(rpcs("Foo", "FooBar", "foo_bar") + "message M {}"),
			Errors: []string{"a.proto:6:3: method p.Foo.foo_bar (a.proto:6:3) and method p.Foo.FooBar (a.proto:5:3) both get the Go name FooBar in p.Foo"},
		},
		{
			Name:   "methods Get and get",
			Files:  one(rpcs("Foo", "Get", "get") + "message M {}"),
			Errors: []string{"method p.Foo.get (a.proto:6:3) and method p.Foo.Get (a.proto:5:3) both get the Go name Get in p.Foo"},
		},
		{
			Name:   "Foo.Bar_Baz and Foo_Bar.Baz",
			Files:  one(rpcs("Foo", "Bar_Baz") + rpcs("Foo_Bar", "Baz") + "message M {}"),
			Errors: []string{"a.proto:8:3: the constant of method p.Foo_Bar.Baz (a.proto:8:3) and the constant of method p.Foo.Bar_Baz (a.proto:5:3) both get the Go name Foo_Bar_Baz_Method"},
		},
		{
			Name:   "services Foo and FooStub",
			Files:  one(rpcs("Foo", "U") + rpcs("FooStub", "V") + "message M {}"),
			Errors: []string{"service p.FooStub (a.proto:7:1) and the FooStub of service p.Foo (a.proto:4:1) both get the Go name FooStub"},
		},
		{
			Name:   "services Foo and UnimplementedFoo",
			Files:  one(rpcs("UnimplementedFoo", "U") + rpcs("Foo", "V") + "message M {}"),
			Errors: []string{"the UnimplementedFoo of service p.Foo (a.proto:7:1) and service p.UnimplementedFoo (a.proto:4:1) both get"},
		},
		{
			Name:  "services Foo, FooServer and FooClient: protoc-gen-go-grpc has these names for Foo",
			Files: one(rpcs("Foo", "U") + rpcs("FooServer", "V") + "service FooClient {}\nmessage M {}"),
			Warnings: []string{
				"a.proto:7:1: warning: service p.FooServer: its Go name FooServer is one that protoc-gen-go-grpc declares for service p.Foo (a.proto:4:1): to use both plugins, rename one of the services, or",
				"a.proto:10:1: ",
			},
		},
		{
			Name: "services named like the other declarations of protoc-gen-go-grpc for Foo",
			Files: one(rpcs("Foo", "U", "V") + "service NewFooClient {}\nservice UnimplementedFooServer {}\nservice UnsafeFooServer {}\nservice RegisterFooServer {}\n" +
				"service Foo_Service {}\nservice Foo_U_FullMethod {}\nservice Foo_VClient {}\nservice Foo_VServer {}\nservice Foo_UClient {}\nmessage M {}"),
			Warnings: []string{
				"a.proto:8:1: ", "a.proto:9:1: ", "a.proto:10:1: ", "a.proto:11:1: ",
				"a.proto:12:1: warning: service p.Foo_Service: its Go name Foo_ServiceDesc is one that protoc-gen-go-grpc declares for service p.Foo (a.proto:4:1)",
				"a.proto:13:1: ", "a.proto:14:1: ", "a.proto:15:1: ",
			},
		},
		{
			Name:      "services Foo and FooServer, with package_suffix",
			Files:     one(rpcs("Foo", "U") + rpcs("FooServer", "V") + "message M {}"),
			Parameter: "package_suffix=rpc",
			Warnings:  []string{},
		},
		{
			Name: "services Foo and FooServer in two files, with only the first generated",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import \"b.proto\";\nimport \"c.proto\";\n"+rpcs("FooServer", "U")),
				"b.proto": proto3("$GO", "import \"c.proto\";\n"+rpcs("Foo", "U")),
				"c.proto": proto3("$GO/c", "message M {}"),
			},
			Generate: []string{"a.proto", "c.proto"},
			Alone:    "it needs that of b.proto",
			Warnings: []string{"a.proto:6:1: warning: service p.FooServer: its Go name FooServer is one that protoc-gen-go-grpc declares for service p.Foo (b.proto:5:1)"},
		},
		{
			Name: "services Foo and FooServer in two files, with only the second generated",
			Files: map[string]string{
				"a.proto": proto3("$GO", "import \"b.proto\";\nimport \"c.proto\";\n"+rpcs("Foo", "U")),
				"b.proto": proto3("$GO", "import \"c.proto\";\n"+rpcs("FooServer", "U")),
				"c.proto": proto3("$GO/c", "message M {}"),
			},
			Generate: []string{"a.proto", "c.proto"},
			Alone:    "it needs that of b.proto",
			Warnings: []string{"b.proto:5:1: warning: service p.FooServer: its Go name FooServer"},
		},
		{
			Name: "several clashes in several files are reported together, in source order",
			Files: map[string]string{
				"b.proto": proto3("$GO", rpcs("Foo", "Get", "get")+"message M {}\nmessage FooDesc {}"),
				"a.proto": proto3("$GO", "import \"b.proto\";\n"+rpcs("Bar", "Get", "get")+rpcs("bar", "U")+"message BarStub {}"),
			},
			Errors: []string{
				"a.proto:5:1: the BarStub of service p.Bar (a.proto:5:1) and message p.BarStub (a.proto:12:1)",
				"a.proto:7:3: method p.Bar.get", "a.proto:9:1: ", "a.proto:9:1: ",
				"b.proto:4:1: the FooDesc of service p.Foo (b.proto:4:1)", "b.proto:6:3: method p.Foo.get",
			},
		},
		{
			Name:   "_foo, get__x, X_, a1_2b and other underscores and digits",
			Files:  one(rpcs("_foo", "_foo", "get__x", "X_", "a1_2b", "__x", "x9") + rpcs("get__x", "_") + rpcs("X_", "_1") + rpcs("a1_2b", "A") + "message M {} message _m { message _n {} }"),
			Beside: true,
		},
		{
			Name: "nested and snake_case inputs and outputs",
			Files: one(`service Foo { rpc A(outer.inner_most) returns (stream outer.Inner.Deep_er); rpc B(stream snake_case) returns (.p.outer); }
				message outer { message inner_most {} message Inner { message Deep_er {} } } message snake_case {}`),
			Beside: true,
		},
		{
			Name: "well-known types as inputs and outputs",
			Files: one(`import "google/protobuf/empty.proto"; import "google/protobuf/any.proto"; import "google/protobuf/timestamp.proto";
				import "google/protobuf/struct.proto"; import "google/protobuf/wrappers.proto"; import "google/protobuf/descriptor.proto";
				service Foo {
					rpc A(google.protobuf.Empty) returns (stream google.protobuf.Any); rpc B(stream google.protobuf.Timestamp) returns (google.protobuf.Struct);
					rpc C(google.protobuf.StringValue) returns (google.protobuf.FileDescriptorProto);
				}`),
			Beside: true,
		},
		{
			Name:   "messages called Context, Seq2, Error, CallOption, Stub",
			Files:  one(strings.ReplaceAll(rpcs("Foo", "A", "B", "C", "D"), "M", "Context") + rpcs("Bar", "A", "B", "C", "D") + "message M {} message Context {} message Seq2 {} message Error {} message CallOption {} message Stub {} message Any {}"),
			Beside: true,
		},
		{
			Name: "the same service name in two proto packages of one Go package",
			Files: map[string]string{
				"a.proto": "syntax = \"proto3\";\npackage a;\noption go_package = \"$GO\";\nservice Foo { rpc U(M) returns (M); }\nmessage M {}",
				"b.proto": "syntax = \"proto3\";\npackage b;\noption go_package = \"$GO\";\nservice Foo { rpc U(N) returns (N); }\nmessage N {}",
			},
			Errors: []string{"b.proto:4:1: service b.Foo (b.proto:4:1) and service a.Foo (a.proto:4:1) both get the Go name Foo"},
		},
		{
			Name: "the same, with one file generated at a time",
			Files: map[string]string{
				"a.proto": "syntax = \"proto3\";\npackage a;\nimport \"b.proto\";\noption go_package = \"$GO\";\nservice Foo { rpc U(M) returns (M); }\nmessage M {}",
				"b.proto": "syntax = \"proto3\";\npackage b;\noption go_package = \"$GO\";\nservice Foo { rpc U(N) returns (N); }\nmessage N {}",
			},
			Generate: []string{"a.proto"},
			Errors:   []string{"b.proto:4:1: service b.Foo (b.proto:4:1) and service a.Foo (a.proto:5:1) both get the Go name Foo"},
		},
		{
			Name:   "a service without methods, and a file without services",
			Files:  map[string]string{"a.proto": proto3("$GO", "service Foo {}"), "b.proto": proto3("$GO", "message M {}")},
			Beside: true,
		},
	}
	return cases
}

// keywordServices returns a service for each of words, and a message unless the
// service has taken its Go name.
func keywordServices(words []string) string {
	var b strings.Builder
	for _, w := range words {
		b.WriteString(rpcs(w, w))
		fmt.Fprintf(&b, "message %s_ {}\n", w)
	}
	return b.String()
}
