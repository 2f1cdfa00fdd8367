package doctest

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"go/version"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/internal/exportdata"
)

// Go code compiles. The packages that it imports are built once, and the blocks
// are checked against their export data.
func TestGo(t *testing.T) {
	t.Parallel()
	checked := make(map[string][]goBlock)        // by the module's folder
	imported := make(map[string]map[string]bool) // likewise
	for _, b := range blocks(t) {
		if b.language != "go" || b.has("file") || b.has("write") || isNewer(b.settings["module"]) {
			continue
		}
		g, err := parseGo(b)
		if err != nil {
			t.Errorf("%v: %v", b, err)
			continue
		}
		module := b.settings["module"]
		if imported[module] == nil {
			imported[module] = make(map[string]bool)
		}
		for _, f := range g.files {
			for _, spec := range f.Imports {
				imported[module][importPath(spec)] = true
			}
		}
		checked[module] = append(checked[module], g)
	}
	for module, blocks := range checked {
		exports, err := exportdata.Of(filepath.Join(root, module), slices.Sorted(maps.Keys(imported[module]))...)
		if err != nil {
			t.Fatalf("a block imports what is not to be had: %v", err)
		}
		for _, g := range blocks {
			g.check(t, exports)
		}
	}
}

// isNewer reports whether a module in this repository needs a newer Go than
// this one.
func isNewer(module string) bool {
	return module != "" && version.Compare(runtime.Version(), "go1.26") < 0
}

// goBlock is a block of Go as the files of a package.
type goBlock struct {
	block
	fset  *token.FileSet
	files []*ast.File // its own, and those that complete it
}

// "…" stands for what is left out.
var leftOut = regexp.MustCompile(`(?m),?[ \t]*…`)

// parseGo makes a package of a block. A fragment is declarations or statements.
func parseGo(b block) (goBlock, error) {
	g := goBlock{block: b, fset: token.NewFileSet()}
	text := leftOut.ReplaceAllString(b.text, "")
	if strings.HasPrefix(text, "package ") {
		f, err := g.parse(text, 0)
		g.files = []*ast.File{f}
		return g, err
	}
	own, err := g.parse("package doc\n"+text, 1)
	if err != nil {
		var asStatements error
		if own, asStatements = g.parse("package doc\nfunc _() error {\n"+text+"\n}", 2); asStatements != nil {
			return g, asStatements
		}
	}
	name := b.settings["given"]
	if name == "" {
		name = "given"
	}
	given, err := parser.ParseFile(g.fset, "testdata/given/"+name+".go", nil, parser.SkipObjectResolution)
	if err != nil {
		return g, err
	}
	addImports(own, given)
	given.Name = own.Name
	dropDeclared(given, own)
	g.files = []*ast.File{own, given}
	return g, nil
}

// parse parses text, which has before lines in front of the block's own.
func (g goBlock) parse(text string, before int) (*ast.File, error) {
	line := fmt.Sprintf("//line %s:%d\n", g.file, g.line-before)
	return parser.ParseFile(g.fset, "", line+text, 0)
}

// addImports adds to f the imports of given that f refers to and lacks.
func addImports(f, given *ast.File) {
	unresolved := make(map[string]bool)
	for _, ident := range f.Unresolved {
		unresolved[ident.Name] = true
	}
	for _, spec := range f.Imports {
		delete(unresolved, importName(spec))
	}
	decl := &ast.GenDecl{Tok: token.IMPORT}
	for _, spec := range given.Imports {
		if unresolved[importName(spec)] {
			decl.Specs = append(decl.Specs, spec)
			f.Imports = append(f.Imports, spec)
		}
	}
	f.Decls = append([]ast.Decl{decl}, f.Decls...)
}

func importPath(spec *ast.ImportSpec) string {
	p, _ := strconv.Unquote(spec.Path.Value)
	return p
}

func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	return path.Base(importPath(spec))
}

// dropDeclared removes from given what own also declares.
func dropDeclared(given, own *ast.File) {
	declared := make(map[string]bool)
	for _, decl := range own.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			declared[functionName(decl)] = true
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				for _, name := range namesOf(spec) {
					declared[name] = true
				}
			}
		}
	}
	given.Decls = slices.DeleteFunc(given.Decls, func(decl ast.Decl) bool {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			return declared[functionName(decl)]
		case *ast.GenDecl:
			decl.Specs = slices.DeleteFunc(decl.Specs, func(spec ast.Spec) bool {
				return slices.ContainsFunc(namesOf(spec), func(name string) bool { return declared[name] })
			})
		}
		return false
	})
}

// functionName returns the name of a function, with the receiver of a method.
func functionName(decl *ast.FuncDecl) string {
	if decl.Recv == nil {
		return decl.Name.Name
	}
	return types.ExprString(decl.Recv.List[0].Type) + "." + decl.Name.Name
}

// namesOf returns the names of types, constants and variables.
func namesOf(spec ast.Spec) []string {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		return []string{spec.Name.Name}
	case *ast.ValueSpec:
		var names []string
		for _, name := range spec.Names {
			names = append(names, name.Name)
		}
		return names
	}
	return nil
}

// check type-checks the block.
func (g goBlock) check(t *testing.T, exports exportdata.Files) {
	t.Helper()
	config := types.Config{
		Importer: exports.Importer(g.fset),
		Error: func(err error) {
			var e types.Error
			if errors.As(err, &e) && !e.Soft && !ofFragment.MatchString(e.Msg) {
				t.Errorf("%v: %s", g.fset.Position(e.Pos), e.Msg)
			}
		},
	}
	_, _ = config.Check("doc", g.fset, g.files, nil) // Error collects them all
}

// ofFragment matches errors that occur because the results of the function
// around a fragment are unknown, or because its end is left out.
var ofFragment = regexp.MustCompile(`^(missing return|(too many|not enough) return values)`)
