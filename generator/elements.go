package generator

import (
	"go/token"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/gofeaturespb"
)

// element is a protobuf element that gets a Go name.
type element struct {
	goName string
	desc   protoreflect.Descriptor
	role   string // what the name is for, if it is not the element's own
}

// messageElements returns the names that protoc-gen-go declares for f, except
// names that we never declare, such as those with "_" before a lower-case
// letter.
func messageElements(plugin *protogen.Plugin, f *protogen.File) []element {
	elements := ownElements(f)
	for _, imported := range publicImports(plugin, f) {
		if imported.GoImportPath == f.GoImportPath {
			continue
		}
		// protoc-gen-go declares each of its exported names again.
		for _, e := range ownElements(imported) {
			if token.IsExported(e.goName) {
				elements = append(elements, e)
			}
		}
	}
	return elements
}

func ownElements(f *protogen.File) []element {
	elements := []element{{goName: f.GoDescriptorIdent.GoName, desc: f.Desc}}
	return append(elements, elementsIn(f.Enums, f.Extensions, f.Messages)...)
}

// elementsIn returns the elements for the contents of a file or a message.
func elementsIn(enums []*protogen.Enum, extensions []*protogen.Extension, messages []*protogen.Message) []element {
	var elements []element
	for _, e := range enums {
		elements = append(elements, enumElements(e)...)
	}
	for _, x := range extensions {
		elements = append(elements, element{goName: "E_" + x.GoIdent.GoName, desc: x.Desc})
	}
	for _, m := range messages {
		elements = append(elements, elementsOf(m)...)
	}
	return elements
}

func elementsOf(m *protogen.Message) []element {
	elements := []element{{goName: m.GoIdent.GoName, desc: m.Desc}}
	for _, f := range m.Fields {
		if f.Desc.HasDefault() {
			elements = append(elements, element{goName: "Default_" + m.GoIdent.GoName + "_" + f.GoName, desc: f.Desc})
		}
		if f.Oneof != nil && !f.Oneof.Desc.IsSynthetic() && m.APILevel != gofeaturespb.GoFeatures_API_OPAQUE {
			elements = append(elements, element{goName: f.GoIdent.GoName, desc: f.Desc})
		}
	}
	return append(elements, elementsIn(m.Enums, m.Extensions, m.Messages)...)
}

func enumElements(e *protogen.Enum) []element {
	elements := []element{{goName: e.GoIdent.GoName, desc: e.Desc}}
	for _, v := range e.Values {
		elements = append(elements, element{goName: v.GoIdent.GoName, desc: v.Desc})
	}
	return elements
}

// publicImports returns the files that f imports publicly, directly or not.
func publicImports(plugin *protogen.Plugin, f *protogen.File) []*protogen.File {
	var files []*protogen.File
	seen := make(map[*protogen.File]bool)
	var add func(f *protogen.File)
	add = func(f *protogen.File) {
		for i := range f.Desc.Imports().Len() {
			imported := plugin.FilesByPath[f.Desc.Imports().Get(i).Path()]
			if imported == nil || seen[imported] || !f.Desc.Imports().Get(i).IsPublic {
				continue
			}
			seen[imported] = true
			files = append(files, imported)
			add(imported)
		}
	}
	add(f)
	return files
}

// serviceElements returns the names that we declare for s.
func serviceElements(s *protogen.Service, opts options) []element {
	var elements []element
	for _, name := range namesOf(s).declared() {
		e := element{goName: name, desc: s.Desc}
		if name != s.GoName {
			e.role = "the " + name
		}
		elements = append(elements, e)
	}
	seen := make(map[string]bool)
	for _, m := range s.Methods {
		if seen[m.GoName] {
			continue // checkMethods reports this
		}
		seen[m.GoName] = true
		elements = append(elements, element{goName: methodConst(m), desc: m.Desc, role: "the constant"})
		elements = append(elements, element{goName: handlerFunc(m), desc: m.Desc, role: "the function"})
		if opts.hosts.HasHost(m.Desc) {
			elements = append(elements, element{goName: methodHostConst(m), desc: m.Desc, role: "the constant"})
		}
	}
	return elements
}
