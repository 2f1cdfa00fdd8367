package diag

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Options holds the places of the options of one file. It is made once per
// file, since a file may have many thousands of locations.
type Options struct {
	places map[option]Place // where each is set first
}

// option is an option of a file, of a service or of a method.
type option struct {
	service, method int32 // the indices; none if it is not of a service or method
	number          protoreflect.FieldNumber
}

const none = -1

// OptionsOf returns the places of the options of f.
func OptionsOf(f protoreflect.FileDescriptor) *Options {
	o := &Options{places: make(map[option]Place)}
	locations := f.SourceLocations()
	for i := range locations.Len() {
		l := locations.Get(i)
		key, ok := optionAt(l.Path)
		if _, known := o.places[key]; ok && !known {
			o.places[key] = at(f, l)
		}
	}
	return o
}

// optionAt returns the option that path belongs to: "option (x) = {…}" has the
// path itself, "option (x).field = …" a longer one.
func optionAt(path protoreflect.SourcePath) (o option, ok bool) {
	// The numbers of the fields: options of FileDescriptorProto, service of
	// it, options of ServiceDescriptorProto, method of it, and options of
	// MethodDescriptorProto.
	const fileOptions, service, serviceOptions, method, methodOptions = 8, 6, 3, 2, 4
	switch {
	case len(path) >= 2 && path[0] == fileOptions:
		return option{none, none, protoreflect.FieldNumber(path[1])}, true
	case len(path) >= 4 && path[0] == service && path[2] == serviceOptions:
		return option{path[1], none, protoreflect.FieldNumber(path[3])}, true
	case len(path) >= 6 && path[0] == service && path[2] == method && path[4] == methodOptions:
		return option{path[1], path[3], protoreflect.FieldNumber(path[5])}, true
	}
	return option{}, false
}

// Position returns the place of the option of d with that field number, or the
// place of d if the option is not found. d is the file or one of its services
// or methods. A field within braces has no place of its own; it has the place
// of its option.
func (o *Options) Position(d protoreflect.Descriptor, number protoreflect.FieldNumber) Place {
	key := option{none, none, number}
	switch d := d.(type) {
	case protoreflect.ServiceDescriptor:
		key.service = int32(d.Index())
	case protoreflect.MethodDescriptor:
		key.service, key.method = int32(d.Parent().Index()), int32(d.Index())
	}
	if p, ok := o.places[key]; ok {
		return p
	}
	return Position(d)
}
