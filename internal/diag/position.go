// Package diag says where something stands in a .proto, for the errors,
// warnings and comments of the generators.
package diag

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Place is where something stands in a .proto. The line is 0 where the
// request does not say it.
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

// FieldPosition returns the position of the option with that field number of d,
// and that of d where the option is not to be found. What stands in a pair of
// braces has no position of its own; the option has.
func FieldPosition(d protoreflect.Descriptor, number protoreflect.FieldNumber) Place {
	locations := d.ParentFile().SourceLocations()
	path := slices.Clone(locations.ByDescriptor(d).Path)
	switch d.(type) {
	case protoreflect.FileDescriptor:
		path = append(path, 8) // FileDescriptorProto.options
	case protoreflect.ServiceDescriptor:
		path = append(path, 3) // ServiceDescriptorProto.options
	case protoreflect.MethodDescriptor:
		path = append(path, 4) // MethodDescriptorProto.options
	}
	path = append(path, int32(number))
	for i := range locations.Len() {
		// "option (x) = {…}" has the path itself, "option (x).host = …" a longer one.
		l := locations.Get(i)
		if len(l.Path) >= len(path) && slices.Equal(l.Path[:len(path)], path) {
			return at(d.ParentFile(), l)
		}
	}
	return Position(d)
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
	return Place{f.Path(), l.StartLine + 1, l.StartColumn + 1}
}

// Describe returns what d is, its name and its place.
func Describe(d protoreflect.Descriptor) string {
	if Kind(d) == "file" {
		return "file " + Position(d).String()
	}
	return fmt.Sprintf("%s %s (%v)", Kind(d), d.FullName(), Position(d))
}

// Kind returns what d is, as a .proto calls it.
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
