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

// imports are the imports of one generated file. Their names are those that
// protogen would choose, but never one that the package itself declares, since a
// dependency may well be called example.com/Foo, and never one of locals.
type imports struct {
	own      protogen.GoImportPath
	declared scope
	names    map[protogen.GoImportPath]string // of an import
	used     map[string]bool                  // the names
}

// locals are the names of receivers and parameters in the templates: none of
// them may hide an import.
var locals = []string{"s", "cc", "opts", "ctx", "req", "reqs", "r", "impl", "srv", "ss", "dec", "interceptor"}

// newImports returns the imports of all that model refers to.
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
	// A package cannot declare init but as a function, and not import it either.
	return declared && e.role != importRole || i.used[name] || slices.Contains(locals, name) || name == "init" || types.Universe.Lookup(name) != nil
}

// importName returns by which name protogen imports a package, where no other
// has that name.
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

// firstFree returns name or, where that is taken, the first of name1, name2 and
// so on that is not, as protogen does.
func firstFree(name string, taken func(string) bool) string {
	free := name
	for n := 1; taken(free); n++ {
		free = name + strconv.Itoa(n)
	}
	return free
}

// qualifier returns what stands in front of an identifier of a package: the
// name by which it is imported and a dot, or nothing where it is not.
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

// nameTypes writes down of what types m takes and returns values.
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
