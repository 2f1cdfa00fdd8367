package extension_test

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gohostrpc/gohost/internal/extension"
	gohostv1 "github.com/gohostrpc/gohost/proto/gohost/v1"
)

var (
	service = extension.Of(gohostv1.E_Service)
	team    = extension.Extension{Name: "acme.team", Extendee: service.Extendee, Path: "acme/team.proto", Number: 1049}
)

// optionsOf returns a service whose options have fields, and the index of a
// request with its file. The file imports both options; the request lacks their
// files.
func optionsOf(t *testing.T, fields []byte) (protoreflect.ServiceDescriptor, *extension.Index) {
	t.Helper()
	options := new(descriptorpb.ServiceOptions)
	options.ProtoReflect().SetUnknown(fields)
	file := &descriptorpb.FileDescriptorProto{
		Name:             proto.String("a.proto"),
		Edition:          descriptorpb.Edition_EDITION_2024.Enum(),
		Syntax:           proto.String("editions"),
		OptionDependency: []string{service.Path, team.Path},
		Service:          []*descriptorpb.ServiceDescriptorProto{{Name: proto.String("S"), Options: options}},
	}
	desc, err := protodesc.NewFile(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	return desc.Services().Get(0), extension.NewIndex([]*descriptorpb.FileDescriptorProto{file}, service, team)
}

func field(number protowire.Number, value string) []byte {
	return protowire.AppendString(protowire.AppendTag(nil, number, protowire.BytesType), value)
}

// A compiler may write an option once for each statement that sets a part of it.
func TestMessageInParts(t *testing.T) {
	t.Parallel()
	host, alias := string(field(1, "a.example")), string(field(2, "b.example"))
	s, index := optionsOf(t, slices.Concat(field(81750, alias), field(33, "x"), field(81750, host), field(81750, alias)))
	got := new(gohostv1.ServiceOptions)
	set, ok := index.Find("a.proto", service).Message(s, got)
	want := &gohostv1.ServiceOptions{Host: proto.String("a.example"), Aliases: []string{"b.example", "b.example"}}
	if !set || !ok || !proto.Equal(got, want) {
		t.Errorf("set %t, ok %t, %v, want %v", set, ok, got, want)
	}
}

func TestMessageThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for name, fields := range map[string][]byte{
		"a number":          protowire.AppendVarint(protowire.AppendTag(nil, 81750, protowire.VarintType), 7),
		"a broken message":  field(81750, "\x0a\xff"),
		"a field in a part": slices.Concat(field(81750, ""), field(81750, "\x08\x01")),
	} {
		s, index := optionsOf(t, fields)
		if set, ok := index.Find("a.proto", service).Message(s, new(gohostv1.ServiceOptions)); !set || ok {
			t.Errorf("%s: set %t, ok %t", name, set, ok)
		}
	}
	s, index := optionsOf(t, field(81751, "x"))
	if set, ok := index.Find("a.proto", service).Message(s, new(gohostv1.ServiceOptions)); set || !ok {
		t.Errorf("nothing: set %t, ok %t", set, ok)
	}
}

// If a string is set twice, the last value counts, as everywhere in protobuf.
func TestString(t *testing.T) {
	t.Parallel()
	s, index := optionsOf(t, slices.Concat(field(1049, "x"), field(1049, "y")))
	if got := index.Find("a.proto", team).String(s); got != "y" {
		t.Errorf("String = %q, want y", got)
	}
	s, index = optionsOf(t, protowire.AppendVarint(protowire.AppendTag(nil, 1049, protowire.VarintType), 7))
	if got := index.Find("a.proto", team).String(s); got != "" {
		t.Errorf("String of a number = %q", got)
	}
}

// An unknown field is reported once, however often it is set.
func TestUnknown(t *testing.T) {
	t.Parallel()
	s, index := optionsOf(t, field(81750, string(slices.Concat(field(7, "x"), field(9, "y"), field(7, "z")))))
	m, option := new(gohostv1.ServiceOptions), index.Find("a.proto", service)
	option.Message(s, m)
	if got := option.Unknown(m); !slices.Equal(got, []string{"number 7", "number 9"}) {
		t.Errorf("Unknown = %q", got)
	}
}

// A cycle of imports is reported elsewhere; here the index only has to end.
func TestIndexOfACycle(t *testing.T) {
	t.Parallel()
	a := &descriptorpb.FileDescriptorProto{Name: proto.String("a.proto"), Dependency: []string{"b.proto"}}
	b := &descriptorpb.FileDescriptorProto{Name: proto.String("b.proto"), Dependency: []string{"a.proto"}, OptionDependency: []string{service.Path}}
	index := extension.NewIndex([]*descriptorpb.FileDescriptorProto{a, b}, service, team)
	if got := index.Find("a.proto", service); got == nil || got.Path != service.Path {
		t.Errorf("Find = %v, want that of %s", got, service.Path)
	}
	if got := index.Find("a.proto", team); got != nil {
		t.Errorf("Find = %v of what no file imports", got)
	}
	var none *extension.Index
	if none.Find("a.proto", service) != nil || index.Find("c.proto", service) != nil {
		t.Error("something is found where nothing is")
	}
}
