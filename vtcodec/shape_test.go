package vtcodec

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/gohostrpc/gohost/internal/plugintest"
)

// describe returns the descriptor of the message M of a file.
func describe(t *testing.T, source string) protoreflect.MessageDescriptor {
	t.Helper()
	req, err := plugintest.RequestFromSources("", map[string]string{"m.proto": source + ` option go_package = "example.com/m";`}, "m.proto")
	if err != nil {
		t.Fatal(err)
	}
	files, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: req.GetProtoFile()})
	if err != nil {
		t.Fatal(err)
	}
	d, err := files.FindDescriptorByName("M")
	if err != nil {
		t.Fatal(err)
	}
	return d.(protoreflect.MessageDescriptor)
}

const (
	proto3  = `syntax = "proto3"; `
	proto2  = `syntax = "proto2"; `
	edition = `edition = "2023"; `
)

// newKind knows which types are left to package proto, and which have strings
// to check.
func TestWhatIsKnownOfAType(t *testing.T) {
	t.Parallel()
	const many = "message M { repeated B b = 1; } message B {"
	for source, want := range map[string]kind{
		proto3 + "message M {}":                                                               {fast: true},
		proto3 + "message M { string s = 1; }":                                                {fast: true, strings: true},
		proto3 + "message M { map<string, int32> m = 1; }":                                    {fast: true, strings: true},
		proto3 + "message M { oneof o { bytes b = 1; } bytes c = 2; }":                        {fast: true},
		proto3 + many + "string s = 1; M m = 2; }":                                            {fast: true, strings: true},
		proto3 + many + "optional bytes b = 1; }":                                             {},
		proto3 + "message M { map<int32, B> m = 1; } message B { oneof o { string s = 1; } }": {fast: true, strings: true},
		proto2 + "message M { required int32 i = 1; optional string s = 2; }":                 {fast: true},
		proto2 + many + "optional bytes b = 1; }":                                             {},
		proto2 + many + "repeated bytes b = 1; }":                                             {fast: true},
		proto2 + many + "optional group G = 1 {} }":                                           {},
		proto2 + many + "extensions 100; }":                                                   {},
		edition + "message M { string s = 1; }":                                               {fast: true, strings: true},
		edition + "message M { string s = 1 [features.utf8_validation = NONE]; }":             {fast: true},
		edition + many + "B b = 1 [features.message_encoding = DELIMITED]; }":                 {},
		proto3 + "message M {" + messages(64) + "}":                                           {fast: true},
		proto3 + "message M {" + messages(65) + "}":                                           {},
	} {
		if got := newKind(describe(t, source)); got.fast != want.fast || got.strings != want.strings {
			t.Errorf("%s: fast = %v, strings = %v; want %v, %v", source, got.fast, got.strings, want.fast, want.strings)
		}
	}
	// A type without ResetVT leaves nothing in bytes.
	if k := newKind(new(descriptorpb.UninterpretedOption).ProtoReflect().Descriptor()); !k.fast {
		t.Error("optional bytes of a type without ResetVT are left to package proto")
	}
}

// messages returns n fields, each with a message.
func messages(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "M m%d = %d;", i, i+1)
	}
	return b.String()
}

// Exactly the bytes that a marshaler writes are plain.
func TestPlain(t *testing.T) {
	t.Parallel()
	every := newKind(describe(t, proto3+`message M {
		int32 i = 1; string s = 2; M m = 3; repeated M list = 4; map<int32, M> map = 5; bytes b = 6;
		repeated int32 is = 7; repeated fixed32 fs = 8; repeated double ds = 9; fixed64 f = 10; fixed32 g = 11;
		repeated string ss = 12; string far = 200;
	}`)).shape
	for name, test := range map[string]struct {
		data string
		want bool
	}{
		"nothing":                   {"", true},
		"a number":                  {"\x08\x05", true},
		"a long number":             {"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", true},
		"a number twice":            {"\x08\x05\x08\x05", true},
		"bytes that are a number":   {"\x30\x05", false},
		"a string":                  {"\x12\x01a", true},
		"a long string":             {"\x12\x80\x01" + strings.Repeat("a", 128), true},
		"not UTF-8":                 {"\x12\x01\xff", false},
		"bytes":                     {"\x32\x01\xff", true},
		"a fixed64":                 {"\x51\x00\x00\x00\x00\x00\x00\x00\x00", true},
		"a fixed32":                 {"\x5d\x00\x00\x00\x00", true},
		"a message":                 {"\x1a\x02\x08\x05", true},
		"a message twice":           {"\x1a\x00\x1a\x00", false},
		"a message below a list":    {"\x22\x02\x1a\x00\x22\x02\x1a\x00", true},
		"a broken message":          {"\x1a\x01\x08", false},
		"an entry":                  {"\x2a\x04\x08\x01\x12\x00", true},
		"an entry by value":         {"\x2a\x04\x12\x00\x08\x01", true},
		"no key":                    {"\x2a\x02\x12\x00", true},
		"no value":                  {"\x2a\x02\x08\x01", false},
		"numbers":                   {"\x38\x01\x38\x02", true},
		"packed":                    {"\x3a\x03\x01\x80\x01", true},
		"packed, and cut":           {"\x3a\x02\x01\x80", false},
		"packed fixed32":            {"\x42\x04\x00\x00\x00\x00", true},
		"packed fixed32, and cut":   {"\x42\x05\x00\x00\x00\x00\x00", false},
		"packed doubles":            {"\x4a\x08\x00\x00\x00\x00\x00\x00\x00\x00", true},
		"packed doubles, and cut":   {"\x4a\x0c\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", false},
		"one number packed":         {"\x0a\x01\x05", false},
		"a list of another type":    {"\x39\x00\x00\x00\x00\x00\x00\x00\x00", false},
		"a string for strings":      {"\x62\x01a", true},
		"a number for strings":      {"\x60\x01", false},
		"far":                       {"\xc2\x0c\x01a", true},
		"far, and not UTF-8":        {"\xc2\x0c\x01\xff", false},
		"unknown":                   {"\xa8\x01\x05", true},
		"an unknown group":          {"\xa3\x01\x08\x05\xa4\x01", true},
		"unknown, in a long form":   {"\xa8\x81\x00\x05", false},
		"known, in a long form":     {"\x88\x00\x05", true},
		"the number 0":              {"\x00\x05", false},
		"a number that is too high": {"\x80\x80\x80\x80\x10\x05", false},
		"half a tag":                {"\x88", false},
		"no value of a number":      {"\x08", false},
		"no length":                 {"\x12", false},
		"too few bytes":             {"\x12\x02a", false},
		"exactly too few bytes":     {"\x12\x01", false},
		"half a length":             {"\x12\x80", false},
	} {
		if got := every.plain([]byte(test.data), maxDepth); got != test.want {
			t.Errorf("%s: plain = %v, want %v", name, got, test.want)
		}
	}
	if deep := []byte("\x1a\x04\x1a\x02\x1a\x00"); !every.plain(deep, 4) || every.plain(deep, 3) {
		t.Error("four levels are not those of four levels")
	}
	wellKnown := newKind(new(wrapperspb.StringValue).ProtoReflect().Descriptor()).shape
	if !wellKnown.plain([]byte("\x0a\x01a"), 1) || wellKnown.plain([]byte("\x10\x05"), 1) {
		t.Error("a well-known type has unknown fields")
	}
}

// The shape of a type that contains itself is finite, and one for each type.
func TestShapesOfTypesThatContainThemselves(t *testing.T) {
	t.Parallel()
	d := new(descriptorpb.DescriptorProto).ProtoReflect().Descriptor()
	data, err := proto.Marshal(protodesc.ToDescriptorProto(d))
	if err != nil {
		t.Fatal(err)
	}
	s := newKind(d).shape
	if nested := s.field(3); nested.message != s {
		t.Error("a message of the same type has another shape")
	}
	if !s.plain(data, maxDepth) {
		t.Error("what proto has marshaled is not plain")
	}
}
