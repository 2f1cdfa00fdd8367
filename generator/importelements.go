package generator

import (
	"slices"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// importRole is the role of a name that is not declared, but that of an import.
const importRole = "the Go import"

// importElements are the names by which protoc-gen-go imports the packages of
// other .proto files in its file for f. Go allows no such name to be declared, not
// even in another file of the package.
func importElements(plugin *protogen.Plugin, f *protogen.File) []element {
	var elements []element
	imported := make(map[protogen.GoImportPath]bool)
	used := make(map[string]bool)
	isUsed := func(name string) bool { return used[name] }
	for _, of := range filesUsed(plugin, f) {
		if of.GoImportPath == f.GoImportPath || imported[of.GoImportPath] {
			continue
		}
		imported[of.GoImportPath] = true
		name := firstFree(importName(of.GoImportPath), isUsed)
		used[name] = true
		elements = append(elements, element{goName: name, desc: of.Desc, role: importRole})
	}
	return elements
}

// filesUsed returns the files with what f refers to, in the order in which
// protoc-gen-go does so. A file that is imported for nothing gets no name.
func filesUsed(plugin *protogen.Plugin, f *protogen.File) []*protogen.File {
	var files []*protogen.File
	seen := make(map[string]bool)
	use := func(d protoreflect.Descriptor) {
		if path := d.ParentFile().Path(); !seen[path] {
			seen[path] = true
			files = append(files, plugin.FilesByPath[path])
		}
	}
	for i := range f.Desc.Imports().Len() {
		// What is imported publicly is declared again, but for the descriptor.
		imported := plugin.FilesByPath[f.Desc.Imports().Get(i).Path()]
		if imported != nil && f.Desc.Imports().Get(i).IsPublic && len(ownElements(imported)) > 1 {
			use(imported.Desc)
		}
	}
	extensions := slices.Clone(f.Extensions)
	messages := slices.Clone(f.Messages)
	var visit func(of []*protogen.Message)
	visit = func(of []*protogen.Message) {
		for _, m := range of {
			extensions = append(extensions, m.Extensions...)
			messages = append(messages, m.Messages...)
			visit(m.Messages)
		}
	}
	visit(f.Messages)
	for _, m := range messages {
		for _, field := range m.Fields {
			useType(use, field)
		}
	}
	for _, x := range extensions {
		use(x.Extendee.Desc)
		useType(use, x)
	}
	for _, s := range f.Services {
		for _, m := range s.Methods {
			use(m.Input.Desc)
		}
		for _, m := range s.Methods {
			use(m.Output.Desc)
		}
	}
	return files
}

// useType calls use with the type of field, if that has a name.
func useType(use func(protoreflect.Descriptor), field *protogen.Field) {
	switch {
	case field.Message != nil:
		use(field.Message.Desc)
	case field.Enum != nil:
		use(field.Enum.Desc)
	}
}
