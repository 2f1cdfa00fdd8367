// Package extension finds the options that .proto files set, as extensions of
// google.protobuf.ServiceOptions and the like. An option is identified by its
// full name in the request that declares it. Its number alone says nothing,
// since anybody may use the numbers from 50000 to 99999.
package extension

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Extension is an option that a plugin knows.
type Extension struct {
	Name     protoreflect.FullName
	Extendee protoreflect.FullName // such as google.protobuf.ServiceOptions
	// Path and Number are as published by the author. They are used if the
	// request lacks the file: buf leaves out files imported by "import option".
	Path   string
	Number protoreflect.FieldNumber
}

// Of returns the extension that a Go package declares.
func Of(t protoreflect.ExtensionType) Extension {
	d := t.TypeDescriptor()
	return Extension{d.FullName(), d.ContainingMessage().FullName(), d.ParentFile().Path(), d.Number()}
}

// Declaration is an extension as a request declares it.
type Declaration struct {
	Extension
	file   *descriptorpb.FileDescriptorProto // nil if the request lacks it
	field  *descriptorpb.FieldDescriptorProto
	others []Extension // of the same file for the same elements, unknown to the plugin
}

// Index says which files of a request see which extensions. It may be used
// concurrently.
type Index struct {
	known []Extension
	seen  map[string][]*Declaration // by the path of a file, ordered like known; nil for what it does not see
}

// NewIndex returns the index of files. A file sees the extensions that it
// declares itself and those of all files that it imports, directly or not.
func NewIndex(files []*descriptorpb.FileDescriptorProto, known ...Extension) *Index {
	x := &Index{known: known, seen: make(map[string][]*Declaration)}
	byPath := make(map[string]*descriptorpb.FileDescriptorProto)
	for _, f := range files {
		byPath[f.GetName()] = f
	}
	for _, f := range files {
		x.add(f, byPath)
	}
	return x
}

func (x *Index) add(f *descriptorpb.FileDescriptorProto, byPath map[string]*descriptorpb.FileDescriptorProto) []*Declaration {
	if seen, done := x.seen[f.GetName()]; done {
		return seen
	}
	seen := x.declaredBy(f)
	x.seen[f.GetName()] = seen // a cycle of imports ends here; it is an error elsewhere
	for _, path := range slices.Concat(f.GetDependency(), f.GetOptionDependency()) {
		from := x.published(path)
		if imported := byPath[path]; imported != nil {
			from = x.add(imported, byPath)
		}
		for i, d := range from {
			if seen[i] == nil {
				seen[i] = d
			}
		}
	}
	return seen
}

// declaredBy returns those of x.known that f declares.
func (x *Index) declaredBy(f *descriptorpb.FileDescriptorProto) []*Declaration {
	declared := make([]*Declaration, len(x.known))
	var others []Extension
	for _, field := range f.GetExtension() {
		e := Extension{
			Name:     protoreflect.FullName(f.GetPackage()).Append(protoreflect.Name(field.GetName())),
			Extendee: protoreflect.FullName(strings.TrimPrefix(field.GetExtendee(), ".")),
			Path:     f.GetName(),
			Number:   protoreflect.FieldNumber(field.GetNumber()),
		}
		i := slices.IndexFunc(x.known, func(k Extension) bool { return k.Name == e.Name && k.Extendee == e.Extendee })
		if i < 0 {
			others = append(others, e)
			continue
		}
		declared[i] = &Declaration{Extension: e, file: f, field: field}
	}
	for _, d := range declared {
		if d != nil {
			d.others = slices.DeleteFunc(slices.Clone(others), func(e Extension) bool { return e.Extendee != d.Extendee })
		}
	}
	return declared
}

// published returns those of x.known that the published file with that path
// declares.
func (x *Index) published(path string) []*Declaration {
	declared := make([]*Declaration, len(x.known))
	for i, e := range x.known {
		if path == e.Path || strings.HasSuffix(path, "/"+e.Path) {
			e.Path = path
			declared[i] = &Declaration{Extension: e}
		}
	}
	return declared
}

// Find returns the declaration of e that the file with that path sees, or nil.
func (x *Index) Find(path string, e Extension) *Declaration {
	if x == nil {
		return nil
	}
	seen := x.seen[path]
	for i, k := range x.known {
		if k.Name == e.Name && seen != nil {
			return seen[i]
		}
	}
	return nil
}

// fieldName returns the request's name for the field of d's message with that
// number, or "".
func (d *Declaration) fieldName(number protoreflect.FieldNumber) string {
	for _, m := range d.file.GetMessageType() {
		if "."+d.file.GetPackage()+"."+m.GetName() != d.field.GetTypeName() {
			continue
		}
		for _, f := range m.GetField() {
			if f.GetNumber() == int32(number) {
				return f.GetName()
			}
		}
	}
	return ""
}
