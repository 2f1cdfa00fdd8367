package generator

import (
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// imports holds the imports of one generated file. Their names are those that
// protogen would choose, but never one that the package itself declares, since
// a dependency may be called example.com/Foo, and never one of locals.
type imports struct {
	own      protogen.GoImportPath
	declared scope
	names    map[protogen.GoImportPath]string // by import path
	used     map[string]bool                  // the values of names
}

// locals are the names of receivers and parameters in the templates. They must
// not hide an import.
var locals = []string{"s", "cc", "opts", "ctx", "req", "reqs", "r", "impl", "srv", "ss", "dec", "interceptor"}

// newImports returns the imports that model needs.
func newImports(own protogen.GoImportPath, declared scope, model file) *imports {
	i := &imports{
		own: own, declared: declared,
		names: make(map[protogen.GoImportPath]string),
		used:  make(map[string]bool),
	}
	i.ident(grpcPackage.Ident(""))
	i.ident(stubPackage.Ident(""))
	for _, s := range model.Services {
		for _, m := range s.Methods {
			i.ident(contextPackage.Ident(""))
			i.ident(m.Input)
			i.ident(m.Output)
			if m.Streaming {
				i.ident(iterPackage.Ident(""))
			}
		}
	}
	return i
}

// ident returns how the file refers to ident.
func (i *imports) ident(ident protogen.GoIdent) string {
	if ident.GoImportPath == i.own {
		return ident.GoName
	}
	name, ok := i.names[ident.GoImportPath]
	if !ok {
		name = i.choose(ident.GoImportPath)
		i.names[ident.GoImportPath] = name
		i.used[name] = true
	}
	return name + "." + ident.GoName
}

// specs returns the imports in the order of gofmt.
func (i *imports) specs() []importSpec {
	specs := make([]importSpec, 0, len(i.names))
	for _, path := range slices.Sorted(maps.Keys(i.names)) {
		specs = append(specs, importSpec{i.names[path], path})
	}
	return specs
}

// choose returns a name for the import of importPath that is not yet in use.
func (i *imports) choose(importPath protogen.GoImportPath) string {
	return firstFree(importName(importPath), i.taken)
}

func (i *imports) taken(name string) bool {
	e, declared := i.declared[name]
	// init can only be declared as a function, and not be the name of an
	// import.
	return declared && e.role != importRole || i.used[name] || slices.Contains(locals, name) || name == "init" || types.Universe.Lookup(name) != nil
}

// importName returns the name by which protogen imports a package if no other
// import has that name.
func importName(importPath protogen.GoImportPath) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '_'
	}, path.Base(string(importPath)))
	if !token.IsIdentifier(name) || name[0] == '_' {
		return "_" + name
	}
	return name
}

// firstFree returns name or, if that is taken, the first free one of name1,
// name2 and so on, like protogen.
func firstFree(name string, taken func(string) bool) string {
	free := name
	for n := 1; taken(free); n++ {
		free = name + strconv.Itoa(n)
	}
	return free
}

// qualifier returns the qualifier of identifiers of a package: its import name
// and a dot, or "" if it is not imported.
func (i *imports) qualifier(importPath protogen.GoImportPath) string {
	if name, ok := i.names[importPath]; ok {
		return name + "."
	}
	return ""
}

// name writes the names that the file uses into its model.
func (i *imports) name(model *file) {
	model.Imports = i.specs()
	names := &model.Names
	names.Context, names.Iter = i.qualifier(contextPackage), i.qualifier(iterPackage)
	names.GRPC, names.Stub = i.qualifier(grpcPackage), i.qualifier(stubPackage)
	for s := range model.Services {
		model.Services[s].File = names
		for m := range model.Services[s].Methods {
			i.nameTypes(names, &model.Services[s].Methods[m])
		}
	}
}

// nameTypes sets the types that m takes and returns.
func (i *imports) nameTypes(names *fileNames, m *method) {
	m.Request, m.Response = i.ident(m.Input), i.ident(m.Output)
	parameter, request, response := "req", "*"+m.Request, "*"+m.Response
	sequence := func(of string) string { return names.Iter + "Seq2[" + of + ", error]" }
	if m.StreamsRequests {
		parameter, request = "reqs", sequence(request)
	}
	m.Parameters = "ctx " + names.Context + "Context, " + parameter + " " + request
	m.ParameterTypes = names.Context + "Context, " + request
	m.Results = "(" + response + ", error)"
	if m.StreamsResponses {
		m.Results = sequence(response)
	}
}

// importRole is the role of the name of an import.
const importRole = "the Go import"

// importElements returns the names by which protoc-gen-go imports the packages of other
// .proto files in its file for f. Go does not allow the package to declare such a name,
// not even in another file.
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

// filesUsed returns the files that f refers to, in protoc-gen-go's order. An
// unused import gets no name.
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
		// Public imports are declared again, except for the descriptor.
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
