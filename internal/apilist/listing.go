package main

import (
	"cmp"
	"fmt"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
)

// line is a line of a listing. Lines are ordered by section, then by name. The
// members of a name follow it.
type line struct {
	section int // constants, variables, functions or typeNames
	name    string
	rank    int    // 0 for the name itself; embedded, field or method for its members
	member  string // the name of the member
	text    string
}

const (
	constants = iota
	variables
	functions
	typeNames
)

const (
	embedded = iota + 1
	field
	method
)

// listing is the listing of a package.
type listing struct {
	*goPackage
	lines     []line
	imports   map[string]*types.Package // packages that lines mention, by path
	ambiguous map[string]bool           // names that several imports share
	listed    map[types.Object]bool
	mentioned []*types.TypeName // unexported types that lines mention
}

// list returns the listing of p.
func list(p *goPackage) *listing {
	l := &listing{goPackage: p, imports: make(map[string]*types.Package), ambiguous: make(map[string]bool)}
	l.all()
	names := make(map[string]bool)
	for _, pkg := range l.imports {
		l.ambiguous[pkg.Name()] = l.ambiguous[pkg.Name()] || names[pkg.Name()]
		names[pkg.Name()] = true
	}
	l.all() // again, now that the ambiguous names are known
	slices.SortFunc(l.lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(a.section, b.section), cmp.Compare(a.name, b.name),
			cmp.Compare(a.rank, b.rank), cmp.Compare(a.member, b.member), cmp.Compare(a.text, b.text))
	})
	return l
}

// all makes the lines of the package.
func (l *listing) all() {
	l.lines, l.listed, l.mentioned = nil, make(map[types.Object]bool), nil
	scope := l.types.Scope()
	for _, name := range scope.Names() {
		if obj := scope.Lookup(name); obj.Exported() && l.declares(obj) {
			l.object(obj)
		}
	}
	for len(l.mentioned) > 0 {
		obj := l.mentioned[0]
		l.mentioned = l.mentioned[1:]
		if !l.listed[obj] {
			l.object(obj)
		}
	}
}

// object adds obj, which is declared at package level.
func (l *listing) object(obj types.Object) {
	l.listed[obj] = true
	switch obj := obj.(type) {
	case *types.Const:
		l.add(constants, obj, "const "+obj.Name()+" "+l.text(obj.Type())+" = "+obj.Val().ExactString())
	case *types.Var:
		l.add(variables, obj, "var "+obj.Name()+" "+l.text(obj.Type()))
	case *types.Func:
		l.add(functions, obj, "func "+obj.Name()+l.signature(obj))
	case *types.TypeName:
		l.typeName(obj)
	}
}

// add adds the line of obj, which is declared at package level.
func (l *listing) add(section int, obj types.Object, text string, notes ...string) {
	l.lines = append(l.lines, line{section: section, name: obj.Name(), text: text + l.notes(obj, notes...)})
}

// member adds the line of a member of the type with that name.
func (l *listing) member(typeName *types.TypeName, rank int, member types.Object, text string) {
	l.lines = append(l.lines, line{typeNames, typeName.Name(), rank, member.Name(), text + l.notes(member)})
}

// notes returns the end of obj's line: the notes, and whether obj is
// deprecated.
func (l *listing) notes(obj types.Object, notes ...string) string {
	if l.docs.deprecated(obj) {
		notes = append(notes, "deprecated")
	}
	if len(notes) == 0 {
		return ""
	}
	return " // " + strings.Join(notes, ", ")
}

// String returns the text of the file.
func (l *listing) String() string {
	var b strings.Builder
	what := "The exported API"
	if l.suffix != "" {
		what = "What protoc-gen-gohost generates"
	}
	fmt.Fprintf(&b, "# %s, one line per declaration. \"make api\" writes this file.\n\n", what)
	fmt.Fprintf(&b, "package %s // import %q", l.types.Name(), l.types.Path())
	if l.deprecated {
		b.WriteString(", deprecated")
	}
	b.WriteString("\n")
	for i, p := range slices.Sorted(maps.Keys(l.imports)) {
		if i == 0 {
			b.WriteString("\n")
		}
		b.WriteString("import ")
		if name := l.imports[p].Name(); name != path.Base(p) {
			b.WriteString(name + " ")
		}
		fmt.Fprintf(&b, "%q\n", p)
	}
	for i, line := range l.lines {
		if i == 0 || line.section != l.lines[i-1].section {
			b.WriteString("\n")
		}
		b.WriteString(line.text + "\n")
	}
	return b.String()
}
