package generator_test

import (
	"flag"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/gohostrpc/gohost/generator"
	"github.com/gohostrpc/gohost/internal/plugintest"
	"github.com/gohostrpc/gohost/internal/protocases"
	"github.com/gohostrpc/gohost/internal/protocplugin"
)

// FuzzRequest sends requests as bytes.
func FuzzRequest(f *testing.F) {
	for _, req := range caseRequests(f) {
		b, err := proto.Marshal(req)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if req, err := protocplugin.Unmarshal(b); err == nil {
			checkOutput(t, req)
		}
	})
}

// FuzzDescriptors sends the requests of protocases with changed descriptors.
// Each three bytes of changes say what to do to which element, and text is
// among the new names.
func FuzzDescriptors(f *testing.F) {
	reqs := caseRequests(f)
	for i := range reqs {
		f.Add(uint16(i), []byte{byte(i), byte(i / 7), byte(i % 5), byte(i % 11), byte(i % 3), 200}, "Foo")
	}
	f.Fuzz(func(t *testing.T, seed uint16, changes []byte, text string) {
		req := proto.CloneOf(reqs[int(seed)%len(reqs)])
		for change := range slices.Chunk(changes[:min(len(changes), 60)], 3) {
			if len(change) == 3 {
				mutate(req, change[0], int(change[1]), int(change[2]), text)
			}
		}
		checkOutput(t, req)
		checkOrder(t, req)
	})
}

// checkOrder checks that the output depends neither on the order of the files
// nor on when it is generated.
func checkOrder(t *testing.T, req *pluginpb.CodeGeneratorRequest) {
	t.Helper()
	files := func(req *pluginpb.CodeGeneratorRequest) (map[string]string, string) {
		res := generator.Generate(proto.CloneOf(req), io.Discard)
		files, _ := plugintest.Files(res)
		return files, res.GetError()
	}
	want, wantErr := files(req)
	if again, err := files(req); err != wantErr || !cmp.Equal(want, again) {
		t.Errorf("a second run gives other output: %s%s%s", cmp.Diff(want, again), wantErr, err)
	}
	if wantErr != "" {
		return // protobuf's own errors name the first file
	}
	if reordered, err := files(plugintest.Reorder(req)); err != wantErr || !cmp.Equal(want, reordered) {
		t.Errorf("another order of the files gives other output: %s%s", cmp.Diff(want, reordered), err)
	}
}

func caseRequests(tb testing.TB) []*pluginpb.CodeGeneratorRequest {
	tb.Helper()
	var reqs []*pluginpb.CodeGeneratorRequest
	for _, c := range protocases.All() {
		req, err := c.Request()
		if err != nil {
			tb.Fatal(err)
		}
		reqs = append(reqs, req)
	}
	return reqs
}

// fuzzNames are names with a meaning for the generators.
var fuzzNames = []string{
	"Foo", "foo", "Bar", "A", "U", "_", "__", "_foo", "X_", "foo_bar", "FooBar", "a1_2b", "FooStub", "foo_stub", "UnimplementedFoo", "NewFooStub", "RegisterFoo",
	"FooName", "FooHost", "FooHosts", "FooDesc", "Foo_U", "Foo_U_Method", "Foo_U_Host", "Method", "Host", "Stub", "With", "WithCallOptions", "Context", "Seq2",
	"Error", "String", "M_builder", "Default_M_", "E_", "File_a_proto", "type", "nil", "init", "main", "M", "N", "o", "s",
}

var fuzzPackages = []string{
	"cases.example/fuzz", "cases.example/fuzz;other", "cases.example/fuzz/Foo", "cases.example/fuzz/FooStub", "cases.example/x/FooStub", "cases.example/fuzz/init", "cases.example/a/v1",
	"cases.example/b/v1", "cases.example/context", "cases.example/iter", "cases.example/grpc", "cases.example/stub", "cases.example/ctx", "cases.example/main",
	"cases.example/1my-api.v2", "cases.example/type", "./x", "../x", "/x", "x", "", "cases.example/a b", "cases.example/a\nb", "cases.example/x;_", "cases.example/x;a-b",
	"cases.example/fuzz/fuzzrpc", "cases.example/_", "cases.example/_x", "cases.example/grpc1",
}

var fuzzParameters = []string{
	"", "paths=source_relative", "package_suffix=rpc", "paths=source_relative,package_suffix=rpc", "package_suffix=_", "module=cases.example", "default_api_level=API_OPAQUE",
	"default_api_level=API_HYBRID", "Ma.proto=cases.example/m;m", "annotate_code=true", "host_template={service}.example",
}

var fuzzFiles = []string{
	"a.proto", "b.proto", "x/a.proto", "_a.proto", ".a.proto", "a_windows.proto", "a_windows.b.proto", "a_test.proto", "A", "a.b.proto", "-a.proto", "a b.proto", "../a.proto", "a\n.proto", "\xff.proto", "",
}

// mutate changes one element of req: what selects the kind of change, which the
// element, and with the new value.
func mutate(req *pluginpb.CodeGeneratorRequest, what byte, which, with int, text string) {
	if len(req.GetProtoFile()) == 0 {
		return
	}
	name := pick(append(slices.Clip(fuzzNames), text), with)
	file := pick(req.ProtoFile, which)
	switch what % 16 {
	case 0:
		if s := pick(file.Service, which/2); s != nil {
			s.Name = proto.String(name)
		}
	case 1:
		if s := pick(file.Service, which/2); s != nil {
			if m := pick(s.Method, which/4); m != nil {
				m.Name = proto.String(name)
			}
		}
	case 2:
		renameMessage(req, file, which/2, name)
	case 3:
		if file.Options == nil {
			file.Options = new(descriptorpb.FileOptions)
		}
		file.Options.GoPackage = proto.String(pick(append(slices.Clip(fuzzPackages), text), with))
	case 4:
		if s := pick(file.Service, which/2); s != nil {
			if m := pick(s.Method, which/4); m != nil {
				m.ClientStreaming, m.ServerStreaming = proto.Bool(with&1 != 0), proto.Bool(with&2 != 0)
			}
		}
	case 5:
		if s := pick(file.Service, which/2); s != nil {
			if m := pick(s.Method, which/4); m != nil {
				m.InputType, m.OutputType = m.OutputType, m.InputType
			}
		}
	case 6:
		for _, l := range file.GetSourceCodeInfo().GetLocation() {
			l.LeadingComments = proto.String(text)
			l.LeadingDetachedComments = []string{text, name}
		}
	case 7:
		renameFile(req, file, pick(append(slices.Clip(fuzzFiles), text), with))
	case 8:
		req.Parameter = proto.String(pick(append(slices.Clip(fuzzParameters), text), with))
	case 9:
		if s := pick(file.Service, which/2); s != nil {
			s = proto.CloneOf(s)
			s.Name = proto.String(name)
			file.Service = append(file.Service, s)
		}
	case 10:
		if s := pick(file.Service, which/2); s != nil {
			if m := pick(s.Method, which/4); m != nil {
				m = proto.CloneOf(m)
				m.Name = proto.String(name)
				s.Method = append(s.Method, m)
			}
		}
	case 11:
		file.MessageType = append(file.MessageType, &descriptorpb.DescriptorProto{Name: proto.String(name)})
	case 12:
		file.EnumType = append(file.EnumType, &descriptorpb.EnumDescriptorProto{
			Name: proto.String(name), Value: []*descriptorpb.EnumValueDescriptorProto{{Name: proto.String(pick(fuzzNames, which)), Number: proto.Int32(0)}},
		})
	case 13:
		file.MessageType = append(file.MessageType, &descriptorpb.DescriptorProto{
			Name:      proto.String(pick(fuzzNames, which)),
			OneofDecl: []*descriptorpb.OneofDescriptorProto{{Name: proto.String("o")}},
			Field: []*descriptorpb.FieldDescriptorProto{{
				Name: proto.String(name), Number: proto.Int32(1), OneofIndex: proto.Int32(0),
				Type: descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(), Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
			}},
		})
	case 14:
		if len(file.Dependency) > 0 {
			file.PublicDependency = []int32{int32(with % len(file.Dependency))}
		}
	case 15:
		file.SourceCodeInfo = nil
	}
}

// pick returns an element of s, or the zero value if s is empty.
func pick[T any](s []T, i int) (element T) {
	if len(s) == 0 {
		return element
	}
	return s[i%len(s)]
}

// renameMessage renames a message of file, also where it is used.
func renameMessage(req *pluginpb.CodeGeneratorRequest, file *descriptorpb.FileDescriptorProto, which int, name string) {
	m := pick(file.MessageType, which)
	if m == nil {
		return
	}
	scope := "."
	if file.GetPackage() != "" {
		scope = "." + file.GetPackage() + "."
	}
	before, after := scope+m.GetName(), scope+name
	m.Name = proto.String(name)
	for _, f := range req.ProtoFile {
		for _, s := range f.Service {
			for _, method := range s.Method {
				if method.GetInputType() == before {
					method.InputType = proto.String(after)
				}
				if method.GetOutputType() == before {
					method.OutputType = proto.String(after)
				}
			}
		}
	}
}

// renameFile renames a file, also where it is imported and generated.
func renameFile(req *pluginpb.CodeGeneratorRequest, file *descriptorpb.FileDescriptorProto, name string) {
	replace := func(names []string) {
		for i := range names {
			if names[i] == file.GetName() {
				names[i] = name
			}
		}
	}
	replace(req.FileToGenerate)
	for _, f := range req.ProtoFile {
		replace(f.Dependency)
	}
	file.Name = proto.String(name)
}

var mutants = flag.Int("mutants", 300, "how many requests TestMutants makes")

// TestMutants is FuzzDescriptors without a fuzzer: it sends the same requests
// each time.
func TestMutants(t *testing.T) {
	t.Parallel()
	reqs := caseRequests(t)
	for i := range *mutants {
		random := rand.New(rand.NewPCG(6, uint64(i)))
		req := proto.CloneOf(pick(reqs, i))
		for range 1 + random.IntN(6) {
			mutate(req, byte(random.IntN(256)), random.IntN(256), random.IntN(256), pick(protocases.Dangers, random.IntN(256)))
		}
		checkOutput(t, req)
		checkOrder(t, req)
		if t.Failed() {
			t.Fatalf("mutant %d: %v", i, req)
		}
	}
}
