package migrate

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/astutil"
)

// Apply returns the new text of each file that units change, by its name. An
// edit that two units have in common is made once; the first unit that is in
// conflict with others is returned with the error.
func Apply(fset *token.FileSet, units []*Unit) (map[string][]byte, *Unit, error) {
	type placed struct {
		from, to int
		text     string
		unit     *Unit
	}
	byFile := make(map[string][]placed)
	imports := make(map[string][]string)
	for _, u := range units {
		for _, e := range u.Edits {
			from, to := fset.PositionFor(e.Pos, false), fset.PositionFor(e.End, false)
			byFile[from.Filename] = append(byFile[from.Filename], placed{from.Offset, to.Offset, e.New, u})
		}
		for name, paths := range u.Imports {
			imports[name] = append(imports[name], paths...)
		}
	}
	files := make(map[string][]byte)
	for name, edits := range byFile {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, err
		}
		slices.SortStableFunc(edits, func(a, b placed) int {
			return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
		})
		var b bytes.Buffer
		at := 0
		var last placed
		for i, e := range edits {
			if i > 0 && e.from == last.from && e.to == last.to && e.text == last.text && e.to > e.from {
				continue
			}
			if e.from < at {
				return nil, e.unit, fmt.Errorf("it would be changed twice")
			}
			b.Write(src[at:e.from])
			b.WriteString(e.text)
			at, last = e.to, e
		}
		b.Write(src[at:])
		text, err := tidy(src, b.Bytes(), imports[name])
		if err != nil {
			return nil, edits[0].unit, err
		}
		files[name] = text
	}
	return files, nil, nil
}

// tidy returns text, which was src before, with the imports that it needs, and
// formatted if src was.
func tidy(src, text []byte, imports []string) ([]byte, error) {
	fset := token.NewFileSet()
	old, err := parser.ParseFile(fset, "", src, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return nil, err
	}
	oldUses, err := selected(src)
	if err != nil {
		return nil, err
	}
	newUses, err := selected(text)
	if err != nil {
		return nil, fmt.Errorf("the result does not parse: %w", err)
	}
	text = standardFirst(text, imports)
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	for _, path := range imports {
		name, path, named := strings.Cut(path, " ")
		if !named {
			name, path = "", name
		}
		if !imported(file, name, path) {
			astutil.AddNamedImport(fset, file, name, path)
		}
	}
	for _, spec := range old.Imports {
		path := strings.Trim(spec.Path.Value, "`\"")
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name == "_" || name == "." {
			continue
		}
		called := name
		if called == "" {
			called = path[strings.LastIndexByte(path, '/')+1:]
		}
		if oldUses[called] && !newUses[called] {
			astutil.DeleteNamedImport(fset, file, name, path)
		}
	}
	var b bytes.Buffer
	if err := format.Node(&b, fset, file); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// standardFirst imports what the text needs of the standard library, before other
// imports, if it imports none of it so far.
func standardFirst(text []byte, imports []string) []byte {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ImportsOnly)
	if err != nil || len(file.Imports) == 0 {
		return text
	}
	for _, spec := range file.Imports {
		if isStandard(strings.Trim(spec.Path.Value, "`\"")) {
			return text
		}
	}
	var specs strings.Builder
	for _, path := range slices.Sorted(slices.Values(imports)) {
		if isStandard(path) {
			fmt.Fprintf(&specs, "\t%q\n", path)
		}
	}
	block, ok := file.Decls[0].(*ast.GenDecl)
	if specs.Len() == 0 || !ok {
		return text
	}
	at := func(pos token.Pos) int { return fset.Position(pos).Offset }
	if block.Lparen.IsValid() {
		i := at(block.Lparen) + 1
		return slices.Concat(text[:i], []byte("\n"+specs.String()), text[i:])
	}
	from, to := at(block.Specs[0].Pos()), at(block.Specs[0].End())
	return slices.Concat(text[:from], []byte("(\n"+specs.String()+"\n\t"), text[from:to], []byte("\n)"), text[to:])
}

// isStandard reports whether path is of the standard library.
func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

// imported reports whether file imports path under the name, "" for its own.
func imported(file *ast.File, name, path string) bool {
	for _, spec := range file.Imports {
		if strings.Trim(spec.Path.Value, "`\"") == path && (spec.Name == nil && name == "" || spec.Name != nil && spec.Name.Name == name) {
			return true
		}
	}
	return false
}

// selected returns the names x of all x.y in src that are not declared there.
func selected(src []byte) (map[string]bool, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return nil, err
	}
	names := make(map[string]bool)
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && id.Obj == nil { // without types, this tells a package from a variable
				names[id.Name] = true
			}
		}
		return true
	})
	return names, nil
}
