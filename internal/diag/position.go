// Package diag has positions in .proto files, for the errors, warnings and
// comments of the generators.
package diag

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Place is a position in a .proto. The line is 0 if the request does not have
// it.
type Place struct {
	File         string
	Line, Column int
}

func (p Place) String() string {
	if p.Line == 0 {
		return Clean(p.File)
	}
	return fmt.Sprintf("%s:%d:%d", Clean(p.File), p.Line, p.Column)
}

// Position returns the place of d.
func Position(d protoreflect.Descriptor) Place {
	return at(d.ParentFile(), d.ParentFile().SourceLocations().ByDescriptor(d))
}

// ImportPosition returns the place of the import with the given index in f.
func ImportPosition(f protoreflect.FileDescriptor, index int) Place {
	const dependency = 3 // the number of the field in FileDescriptorProto
	return at(f, f.SourceLocations().ByPath(protoreflect.SourcePath{dependency, int32(index)}))
}

func at(f protoreflect.FileDescriptor, l protoreflect.SourceLocation) Place {
	if len(l.Path) == 0 {
		return Place{File: f.Path()}
	}
	return PlaceAt(f.Path(), l.StartLine, l.StartColumn)
}

// PlaceAt returns the place at line and column, which count from 0 as in
// requests. An invalid one, such as -1, counts as unknown.
func PlaceAt(file string, line, column int) Place {
	if line < 0 || column < 0 {
		return Place{File: file}
	}
	return Place{file, line + 1, column + 1}
}

// Describe returns the kind, the name and the place of d.
func Describe(d protoreflect.Descriptor) string {
	if Kind(d) == "file" {
		return "file " + Position(d).String()
	}
	return fmt.Sprintf("%s %s (%v)", Kind(d), d.FullName(), Position(d))
}

// Kind returns the kind of d, as a .proto calls it.
func Kind(d protoreflect.Descriptor) string {
	switch d.(type) {
	case protoreflect.ServiceDescriptor:
		return "service"
	case protoreflect.MethodDescriptor:
		return "method"
	case protoreflect.MessageDescriptor:
		return "message"
	case protoreflect.EnumDescriptor:
		return "enum"
	case protoreflect.EnumValueDescriptor:
		return "enum value"
	case protoreflect.FieldDescriptor:
		return "field"
	}
	return "file"
}
