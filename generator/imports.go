package generator

import (
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"text/template"
	"unicode"

	"google.golang.org/protobuf/compiler/protogen"
)

// imports are the imports of one generated file. Their names are those that
// protogen would choose, but never one that the package itself declares: a
// dependency may well be called example.com/Foo.
type imports struct {
	own      protogen.GoImportPath
	declared scope
	name     map[protogen.GoImportPath]string // of an import
	used     map[string]bool                  // the names
}

// newImports returns the imports of all that model refers to: what a local
// identifier may be called depends on their names.
func newImports(own protogen.GoImportPath, declared scope, model file) *imports {
	i := &imports{
		own: own, declared: declared,
		name: make(map[protogen.GoImportPath]string),
		used: make(map[string]bool),
	}
	i.ident(grpcPackage.Ident(""))
	i.ident(stubPackage.Ident(""))
	for _, s := range model.Services {
		for _, m := range s.Methods {
			i.ident(contextPackage.Ident(""))
			i.ident(m.Input)
			i.ident(m.Output)
			if m.Streaming() {
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
	name, ok := i.name[ident.GoImportPath]
	if !ok {
		name = i.choose(ident.GoImportPath)
		i.name[ident.GoImportPath] = name
		i.used[name] = true
	}
	return name + "." + ident.GoName
}

// specs returns the imports in the order of gofmt.
func (i *imports) specs() []importSpec {
	specs := make([]importSpec, 0, len(i.name))
	for _, path := range slices.Sorted(maps.Keys(i.name)) {
		specs = append(specs, importSpec{i.name[path], path})
	}
	return specs
}

// choose returns a name for the import of importPath that is not yet in use.
func (i *imports) choose(importPath protogen.GoImportPath) string {
	base := importName(importPath)
	name := base
	for n := 1; i.taken(name); n++ {
		name = base + strconv.Itoa(n)
	}
	return name
}

func (i *imports) taken(name string) bool {
	e, declared := i.declared[name]
	// A package cannot declare init but as a function, and not import it either.
	return declared && e.role != importRole || i.used[name] || name == "init" || types.Universe.Lookup(name) != nil
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

// local returns name, or a longer one where that hides an import.
func (i *imports) local(name string) string {
	for i.used[name] {
		name += "_"
	}
	return name
}

// funcs are the functions of the templates: ident qualifies an identifier of
// the model, local names a parameter or variable so that it hides no import,
// and the others qualify an identifier of the package that they are called as.
func (i *imports) funcs() template.FuncMap {
	of := func(importPath protogen.GoImportPath) func(string) string {
		return func(name string) string { return i.ident(importPath.Ident(name)) }
	}
	return template.FuncMap{
		"ident":   i.ident,
		"local":   i.local,
		"context": of(contextPackage),
		"iter":    of(iterPackage),
		"grpc":    of(grpcPackage),
		"stub":    of(stubPackage),
	}
}
