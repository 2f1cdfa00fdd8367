package diag_test

import (
	"testing"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/gohostrpc/gohost/internal/diag"
	"github.com/gohostrpc/gohost/internal/plugintest"
)

const file = `syntax = "proto3"; package a;
import "google/protobuf/descriptor.proto";
message O { string x = 1; repeated string y = 2; }
extend google.protobuf.FileOptions { O file = 50001; }
extend google.protobuf.ServiceOptions { O service = 50001; O other = 50002; }
extend google.protobuf.MethodOptions { O method = 50001; }
option (file).x = "";
service Braces { option (other) = {}; option (service) = {x: "", y: ["", ""]};
  rpc A(O) returns (O) { option (method).y = ""; option (method).y = "";
    option (method).x = ""; }
  rpc B(O) returns (O) { option (method) = {}; } }
service None { rpc A(O) returns (O); }
`

// counting counts the locations that are got.
type counting struct {
	protoreflect.SourceLocations
	got int
}

func (c *counting) Get(i int) protoreflect.SourceLocation {
	c.got++
	return c.SourceLocations.Get(i)
}

type countingFile struct {
	protoreflect.FileDescriptor
	locations *counting
}

func (f countingFile) SourceLocations() protoreflect.SourceLocations { return f.locations }

func TestOptions(t *testing.T) {
	t.Parallel()
	f := compile(t)
	locations := &counting{SourceLocations: f.SourceLocations()}
	options := diag.OptionsOf(countingFile{f, locations})
	braces, none := f.Services().Get(0), f.Services().Get(1)
	for range 1000 {
		for _, test := range []struct {
			of           protoreflect.Descriptor
			number       protoreflect.FieldNumber
			line, column int
		}{
			{f, 50001, 7, 1},
			{f, 50002, 0, 0}, // the file itself, which has no line
			{braces, 50001, 8, 39},
			{braces, 50002, 8, 18},
			{braces.Methods().Get(0), 50001, 9, 26},
			{braces.Methods().Get(1), 50001, 11, 26},
			{none, 50001, 12, 1},
			{none.Methods().Get(0), 50001, 12, 16},
		} {
			if got, want := options.Position(test.of, test.number), (diag.Place{File: "a.proto", Line: test.line, Column: test.column}); got != want {
				t.Fatalf("option %d of %s is at %v, want %v", test.number, test.of.FullName(), got, want)
			}
		}
	}
	if locations.got > locations.Len() {
		t.Errorf("%d locations were got of %d, want each once", locations.got, locations.Len())
	}
}

func compile(t *testing.T) protoreflect.FileDescriptor {
	t.Helper()
	req, err := plugintest.RequestFromSources("", map[string]string{"a.proto": file}, "a.proto")
	if err != nil {
		t.Fatal(err)
	}
	files, err := protodesc.NewFiles(&descriptorpb.FileDescriptorSet{File: req.GetProtoFile()})
	if err != nil {
		t.Fatal(err)
	}
	f, err := files.FindFileByPath("a.proto")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// Messages leave out a place that is not valid.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		line, column int
		want         string
	}{
		{0, 0, "a.proto:1:1"},
		{3, 5, "a.proto:4:6"},
		{-5, -7, "a.proto"},
		{-1, 0, "a.proto"},
		{-5, 2, "a.proto"},
		{0, -1, "a.proto"},
	} {
		if got := diag.PlaceAt("a.proto", test.line, test.column).String(); got != test.want {
			t.Errorf("line %d, column %d, counted from 0: %s, want %s", test.line, test.column, got, test.want)
		}
	}
}
